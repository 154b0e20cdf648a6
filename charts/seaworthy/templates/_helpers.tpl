{{- define "seaworthy.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 48: the longest suffix is -metrics-reader, and labels end at 63. */}}
{{- define "seaworthy.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 48 | trimSuffix "-" }}
{{- else }}
{{- $name := include "seaworthy.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 48 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 48 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "seaworthy.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "seaworthy.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "seaworthy.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Of the operator's pods. A Deployment's selector can never change: nothing that a user sets or a release moves is in it. */}}
{{- define "seaworthy.selectorLabels" -}}
app.kubernetes.io/name: {{ include "seaworthy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{/* Of every object. Our own win: others select by them. */}}
{{- define "seaworthy.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "seaworthy.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/part-of" "seaworthy"
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{- define "seaworthy.operatorLabels" -}}
{{- toYaml (merge (dict "app.kubernetes.io/component" "operator") (fromYaml (include "seaworthy.labels" .))) }}
{{- end }}

{{/* Call with (dict "root" $ "more" MAP), inside metadata: the block `annotations:` on lines of its own, or nothing at all. */}}
{{- define "seaworthy.annotations" -}}
{{- with merge (dict) (default (dict) .more) .root.Values.commonAnnotations }}
{{- printf "\n  annotations:\n%s" (toYaml . | indent 4) }}
{{- end }}
{{- end }}

{{- define "seaworthy.image" -}}
{{- $image := .Values.image }}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if or $image.tag (not $image.digest) }}:{{ default .Chart.AppVersion $image.tag }}{{ end }}
{{- with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* "true" or nothing. */}}
{{- define "seaworthy.elects" -}}
{{- if kindIs "invalid" .Values.leaderElection.enabled }}
{{- if gt (int .Values.replicaCount) 1 }}true{{ end }}
{{- else if .Values.leaderElection.enabled }}true{{ end }}
{{- end }}

{{- define "seaworthy.writesReports" -}}
{{- if ne (toString (get .Values.config "write-reports")) "false" }}true{{ end }}
{{- end }}
