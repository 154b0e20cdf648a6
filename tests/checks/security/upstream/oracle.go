// Oracle makes pods at random, has upstream's own evaluator judge them, and writes them as one YAML stream: each as a Pod and as a Deployment
// around it, with the strictest level that it meets in the label expected-level. The seed is fixed: the stream is the same in every run of one
// upstream version.
package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

func ptr[T any](v T) *T { return &v }

func pick[T any](r *rand.Rand, values ...T) T { return values[r.Intn(len(values))] }

// The pod's security context, made on demand so that absent and empty both occur.
func podContext(p *corev1.Pod) *corev1.PodSecurityContext {
	if p.Spec.SecurityContext == nil {
		p.Spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	return p.Spec.SecurityContext
}

func containerContext(c *corev1.EphemeralContainerCommon) *corev1.SecurityContext {
	if c.SecurityContext == nil {
		c.SecurityContext = &corev1.SecurityContext{}
	}
	return c.SecurityContext
}

func capabilities(c *corev1.EphemeralContainerCommon) *corev1.Capabilities {
	sc := containerContext(c)
	if sc.Capabilities == nil {
		sc.Capabilities = &corev1.Capabilities{}
	}
	return sc.Capabilities
}

func all(p *corev1.Pod) []*corev1.EphemeralContainerCommon {
	var out []*corev1.EphemeralContainerCommon
	for i := range p.Spec.InitContainers {
		out = append(out, (*corev1.EphemeralContainerCommon)(&p.Spec.InitContainers[i]))
	}
	for i := range p.Spec.Containers {
		out = append(out, (*corev1.EphemeralContainerCommon)(&p.Spec.Containers[i]))
	}
	for i := range p.Spec.EphemeralContainers {
		out = append(out, &p.Spec.EphemeralContainers[i].EphemeralContainerCommon)
	}
	return out
}

func restrict(p *corev1.Pod) {
	podContext(p).RunAsNonRoot = ptr(true)
	podContext(p).SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	for _, c := range all(p) {
		containerContext(c).AllowPrivilegeEscalation = ptr(false)
		capabilities(c).Drop = []corev1.Capability{"ALL"}
	}
}

func seccomp(r *rand.Rand) *corev1.SeccompProfile {
	t := pick(r, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeLocalhost, corev1.SeccompProfileTypeUnconfined)
	if t == corev1.SeccompProfileTypeLocalhost {
		return &corev1.SeccompProfile{Type: t, LocalhostProfile: ptr("a.json")}
	}
	return &corev1.SeccompProfile{Type: t}
}

func appArmor(r *rand.Rand) *corev1.AppArmorProfile {
	return &corev1.AppArmorProfile{Type: pick(r, corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeLocalhost,
		corev1.AppArmorProfileTypeUnconfined)}
}

func selinux(r *rand.Rand) *corev1.SELinuxOptions {
	return &corev1.SELinuxOptions{
		Type:  pick(r, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"),
		User:  pick(r, "", "", "", "", "system_u"),
		Role:  pick(r, "", "", "", "", "system_r"),
		Level: pick(r, "", "s0:c1,c2"),
	}
}

func volume(r *rand.Rand, name string) corev1.Volume {
	v := corev1.Volume{Name: name}
	s := &v.VolumeSource
	switch r.Intn(31) {
	case 0:
		s.EmptyDir = &corev1.EmptyDirVolumeSource{}
	case 1:
		s.Secret = &corev1.SecretVolumeSource{SecretName: "s"}
	case 2:
		s.ConfigMap = &corev1.ConfigMapVolumeSource{}
	case 3:
		s.PersistentVolumeClaim = &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "c"}
	case 4:
		s.DownwardAPI = &corev1.DownwardAPIVolumeSource{}
	case 5:
		s.Projected = &corev1.ProjectedVolumeSource{}
	case 6:
		s.CSI = &corev1.CSIVolumeSource{Driver: "d"}
	case 7:
		s.Ephemeral = &corev1.EphemeralVolumeSource{}
	case 8:
		s.Image = &corev1.ImageVolumeSource{Reference: "example/data:1"}
	case 9:
		s.HostPath = &corev1.HostPathVolumeSource{Path: "/x"}
	case 10:
		s.GCEPersistentDisk = &corev1.GCEPersistentDiskVolumeSource{PDName: "x"}
	case 11:
		s.AWSElasticBlockStore = &corev1.AWSElasticBlockStoreVolumeSource{VolumeID: "x"}
	case 12:
		s.GitRepo = &corev1.GitRepoVolumeSource{Repository: "x"}
	case 13:
		s.NFS = &corev1.NFSVolumeSource{Server: "x", Path: "/x"}
	case 14:
		s.ISCSI = &corev1.ISCSIVolumeSource{TargetPortal: "x", IQN: "x"}
	case 15:
		s.Glusterfs = &corev1.GlusterfsVolumeSource{EndpointsName: "x", Path: "x"}
	case 16:
		s.RBD = &corev1.RBDVolumeSource{CephMonitors: []string{"x"}, RBDImage: "x"}
	case 17:
		s.FlexVolume = &corev1.FlexVolumeSource{Driver: "x/y"}
	case 18:
		s.Cinder = &corev1.CinderVolumeSource{VolumeID: "x"}
	case 19:
		s.CephFS = &corev1.CephFSVolumeSource{Monitors: []string{"x"}}
	case 20:
		s.Flocker = &corev1.FlockerVolumeSource{DatasetName: "x"}
	case 21:
		s.FC = &corev1.FCVolumeSource{WWIDs: []string{"x"}}
	case 22:
		s.AzureFile = &corev1.AzureFileVolumeSource{SecretName: "x", ShareName: "x"}
	case 23:
		s.VsphereVolume = &corev1.VsphereVirtualDiskVolumeSource{VolumePath: "x"}
	case 24:
		s.Quobyte = &corev1.QuobyteVolumeSource{Registry: "x:1", Volume: "x"}
	case 25:
		s.AzureDisk = &corev1.AzureDiskVolumeSource{DiskName: "x", DataDiskURI: "https://x"}
	case 26:
		s.PortworxVolume = &corev1.PortworxVolumeSource{VolumeID: "x"}
	case 27:
		s.ScaleIO = &corev1.ScaleIOVolumeSource{Gateway: "x", System: "x", VolumeName: "x"}
	case 28:
		s.StorageOS = &corev1.StorageOSVolumeSource{VolumeName: "x"}
	case 29:
		s.PhotonPersistentDisk = &corev1.PhotonPersistentDiskVolumeSource{PdID: "x"}
	default:
		// The API server makes an emptyDir of a volume without a source before admission sees it.
		s.EmptyDir = &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}
	}
	return v
}

func handlerHost(r *rand.Rand) (*corev1.HTTPGetAction, *corev1.TCPSocketAction) {
	host := pick(r, "", "", "10.0.0.1", "localhost")
	if r.Intn(2) == 0 {
		return &corev1.HTTPGetAction{Host: host, Port: intstr.FromInt32(80)}, nil
	}
	return nil, &corev1.TCPSocketAction{Host: host, Port: intstr.FromInt32(80)}
}

func mutate(r *rand.Rand, p *corev1.Pod) {
	containers := all(p)
	c := containers[r.Intn(len(containers))]
	boolean := func() *bool { return pick(r, nil, ptr(true), ptr(false)) }
	switch r.Intn(28) {
	case 0:
		p.Spec.HostNetwork = true
	case 1:
		p.Spec.HostPID = true
	case 2:
		p.Spec.HostIPC = true
	case 3:
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: int32(8000 + len(c.Ports)), HostPort: pick[int32](r, 0, 8080)})
	case 4:
		containerContext(c).Privileged = boolean()
	case 5:
		containerContext(c).ProcMount = pick(r, ptr(corev1.DefaultProcMount), ptr(corev1.UnmaskedProcMount))
	case 6:
		p.Spec.HostUsers = boolean()
	case 7:
		containerContext(c).SeccompProfile = seccomp(r)
	case 8:
		podContext(p).SeccompProfile = pick(r, seccomp(r), nil)
	case 9:
		containerContext(c).AppArmorProfile = appArmor(r)
	case 10:
		podContext(p).AppArmorProfile = appArmor(r)
	case 11:
		p.Annotations["container.apparmor.security.beta.kubernetes.io/"+c.Name] = pick(r, "unconfined", "runtime/default", "localhost/a", "")
	case 12:
		containerContext(c).SELinuxOptions = selinux(r)
	case 13:
		podContext(p).SELinuxOptions = selinux(r)
	case 14:
		podContext(p).Sysctls = append(podContext(p).Sysctls, corev1.Sysctl{Value: "1", Name: pick(r, "kernel.shm_rmid_forced",
			"net.ipv4.tcp_rmem", "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.ip_local_reserved_ports",
			"net.core.somaxconn", "net/ipv4/tcp_syncookies")})
	case 15:
		containerContext(c).WindowsOptions = &corev1.WindowsSecurityContextOptions{HostProcess: boolean()}
	case 16:
		podContext(p).WindowsOptions = &corev1.WindowsSecurityContextOptions{HostProcess: boolean()}
	case 17:
		p.Spec.OS = &corev1.PodOS{Name: pick(r, corev1.Linux, corev1.Windows)}
	case 18:
		capabilities(c).Add = append(capabilities(c).Add, pick[corev1.Capability](r, "NET_BIND_SERVICE", "CHOWN", "NET_RAW", "CAP_CHOWN", "SYS_ADMIN", "ALL"))
	case 19:
		capabilities(c).Drop = pick(r, nil, []corev1.Capability{"ALL"}, []corev1.Capability{"NET_RAW"}, []corev1.Capability{"all"},
			[]corev1.Capability{"KILL", "ALL"})
	case 20:
		containerContext(c).AllowPrivilegeEscalation = boolean()
	case 21:
		containerContext(c).RunAsNonRoot = boolean()
	case 22:
		podContext(p).RunAsNonRoot = boolean()
	case 23:
		pick(r, func() { containerContext(c).RunAsUser = ptr(pick[int64](r, 0, 1000)) },
			func() { podContext(p).RunAsUser = ptr(pick[int64](r, 0, 1000)) })()
	case 24:
		p.Spec.Volumes = append(p.Spec.Volumes, volume(r, fmt.Sprintf("v%d", len(p.Spec.Volumes))))
	case 25: // every container says it, so that the pod's own word is tried alone
		for _, c := range containers {
			containerContext(c).RunAsNonRoot = ptr(true)
		}
	case 26:
		for _, c := range containers {
			containerContext(c).SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
		}
	case 27:
		http, tcp := handlerHost(r)
		probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: http, TCPSocket: tcp}}
		hook := &corev1.LifecycleHandler{HTTPGet: http, TCPSocket: tcp}
		if c.Lifecycle == nil {
			c.Lifecycle = &corev1.Lifecycle{}
		}
		pick(r, func() { c.LivenessProbe = probe }, func() { c.ReadinessProbe = probe }, func() { c.StartupProbe = probe },
			func() { c.Lifecycle.PreStop = hook }, func() { c.Lifecycle.PostStart = hook })()
	}
}

func makePod(r *rand.Rand, number int) *corev1.Pod {
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", number), Namespace: "oracle", Annotations: map[string]string{}, Labels: map[string]string{"app": "x"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example/main:1"}}},
	}
	if r.Intn(2) == 0 {
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: "init", Image: "example/init:1"})
	}
	if r.Intn(4) == 0 {
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: "sidecar", Image: "example/sidecar:1", RestartPolicy: ptr(corev1.ContainerRestartPolicyAlways)})
	}
	if r.Intn(4) == 0 {
		p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers, corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "example/debug:1"}})
	}
	if r.Intn(3) > 0 {
		restrict(p)
	}
	for n := r.Intn(5); n > 0; n-- {
		mutate(r, p)
	}
	return p
}

func allowed(evaluator policy.Evaluator, level api.Level, p *corev1.Pod) bool {
	version := api.LevelVersion{Level: level, Version: api.LatestVersion()}
	return policy.AggregateCheckResults(evaluator.EvaluatePod(version, &p.ObjectMeta, &p.Spec)).Allowed
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	emit := func(object any) {
		text, err := yaml.Marshal(object)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(out, "---\n%s", text)
	}
	r := rand.New(rand.NewSource(1))
	counts := map[api.Level]int{}
	for i := range 3000 {
		p := makePod(r, i)
		level := api.LevelPrivileged
		if allowed(evaluator, api.LevelRestricted, p) {
			level = api.LevelRestricted
		} else if allowed(evaluator, api.LevelBaseline, p) {
			level = api.LevelBaseline
		}
		counts[level]++
		d := &appsv1.Deployment{
			TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
			ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace, Labels: map[string]string{"expected-level": string(level)}},
			Spec: appsv1.DeploymentSpec{
				Selector: &metav1.LabelSelector{MatchLabels: p.Labels},
				Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: p.Labels, Annotations: p.Annotations}, Spec: p.Spec},
			},
		}
		// The API server takes no ephemeral containers in a template.
		if len(p.Spec.EphemeralContainers) == 0 {
			emit(d)
		}
		p = p.DeepCopy()
		p.Labels["expected-level"] = string(level)
		emit(p)
	}
	fmt.Fprintf(os.Stderr, "oracle: %d restricted, %d baseline, %d privileged\n", counts[api.LevelRestricted], counts[api.LevelBaseline], counts[api.LevelPrivileged])
}
