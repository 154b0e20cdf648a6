// Time zones by their IANA name, each with the rule that is in force: data for time_zone.cc.
//
// Source: the last line (a POSIX TZ rule) of each compiled zone of tzdata 2025b. What a rule cannot say is not known:
// the past, changes that are announced for a later date, and Ramadan in Morocco (Africa/Casablanca, Africa/El_Aaiun),
// where clocks go back by an hour for a month.
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy::checks {

// The `week`th `day` (0 is Sunday; week 5: the last one) of `month`, `seconds` after its midnight by the clocks until
// then.
struct ClockChange {
  std::int32_t month, week, day, seconds;
};
struct ZoneRule {
  std::int32_t standard, summer;  // seconds east of Greenwich; equal: the clocks never change
  ClockChange to_summer, to_standard;
};

// clang-format off
inline constexpr ZoneRule kZoneRules[] = {
    {-43200, -43200, {}, {}},
    {-39600, -39600, {}, {}},
    {-36000, -36000, {}, {}},
    {-36000, -32400, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // HST10HDT,M3.2.0,M11.1.0
    {-34200, -34200, {}, {}},
    {-32400, -32400, {}, {}},
    {-32400, -28800, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // AKST9AKDT,M3.2.0,M11.1.0
    {-28800, -28800, {}, {}},
    {-28800, -25200, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // PST8PDT,M3.2.0,M11.1.0
    {-25200, -25200, {}, {}},
    {-25200, -21600, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // MST7MDT,M3.2.0,M11.1.0
    {-21600, -21600, {}, {}},
    {-21600, -18000, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // CST6CDT,M3.2.0,M11.1.0
    {-21600, -18000, {9, 1, 6, 79200}, {4, 1, 6, 79200}},  // <-06>6<-05>,M9.1.6/22,M4.1.6/22
    {-18000, -18000, {}, {}},
    {-18000, -14400, {3, 2, 0, 0}, {11, 1, 0, 3600}},  // CST5CDT,M3.2.0/0,M11.1.0/1
    {-18000, -14400, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // EST5EDT,M3.2.0,M11.1.0
    {-14400, -14400, {}, {}},
    {-14400, -10800, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // AST4ADT,M3.2.0,M11.1.0
    {-14400, -10800, {9, 1, 6, 86400}, {4, 1, 6, 86400}},  // <-04>4<-03>,M9.1.6/24,M4.1.6/24
    {-12600, -9000, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // NST3:30NDT,M3.2.0,M11.1.0
    {-10800, -10800, {}, {}},
    {-10800, -7200, {3, 2, 0, 7200}, {11, 1, 0, 7200}},  // <-03>3<-02>,M3.2.0,M11.1.0
    {-7200, -7200, {}, {}},
    {-7200, -3600, {3, 5, 0, -3600}, {10, 5, 0, 0}},  // <-02>2<-01>,M3.5.0/-1,M10.5.0/0
    {-3600, -3600, {}, {}},
    {-3600, 0, {3, 5, 0, 0}, {10, 5, 0, 3600}},  // <-01>1<+00>,M3.5.0/0,M10.5.0/1
    {0, 0, {}, {}},
    {0, 3600, {3, 5, 0, 3600}, {10, 5, 0, 7200}},  // GMT0BST,M3.5.0/1,M10.5.0
    {0, 7200, {3, 5, 0, 3600}, {10, 5, 0, 10800}},  // <+00>0<+02>-2,M3.5.0/1,M10.5.0/3
    {3600, 0, {10, 5, 0, 7200}, {3, 5, 0, 3600}},  // IST-1GMT0,M10.5.0,M3.5.0/1
    {3600, 3600, {}, {}},
    {3600, 7200, {3, 5, 0, 7200}, {10, 5, 0, 10800}},  // CET-1CEST,M3.5.0,M10.5.0/3
    {7200, 7200, {}, {}},
    {7200, 10800, {3, 4, 4, 93600}, {10, 5, 0, 7200}},  // IST-2IDT,M3.4.4/26,M10.5.0
    {7200, 10800, {3, 4, 4, 180000}, {10, 4, 4, 180000}},  // EET-2EEST,M3.4.4/50,M10.4.4/50
    {7200, 10800, {3, 5, 0, 0}, {10, 5, 0, 0}},  // EET-2EEST,M3.5.0/0,M10.5.0/0
    {7200, 10800, {3, 5, 0, 7200}, {10, 5, 0, 10800}},  // EET-2EEST,M3.5.0,M10.5.0/3
    {7200, 10800, {3, 5, 0, 10800}, {10, 5, 0, 14400}},  // EET-2EEST,M3.5.0/3,M10.5.0/4
    {7200, 10800, {4, 5, 5, 0}, {10, 5, 4, 86400}},  // EET-2EEST,M4.5.5/0,M10.5.4/24
    {10800, 10800, {}, {}},
    {12600, 12600, {}, {}},
    {14400, 14400, {}, {}},
    {16200, 16200, {}, {}},
    {18000, 18000, {}, {}},
    {19800, 19800, {}, {}},
    {20700, 20700, {}, {}},
    {21600, 21600, {}, {}},
    {23400, 23400, {}, {}},
    {25200, 25200, {}, {}},
    {28800, 28800, {}, {}},
    {31500, 31500, {}, {}},
    {32400, 32400, {}, {}},
    {34200, 34200, {}, {}},
    {34200, 37800, {10, 1, 0, 7200}, {4, 1, 0, 10800}},  // ACST-9:30ACDT,M10.1.0,M4.1.0/3
    {36000, 36000, {}, {}},
    {36000, 39600, {10, 1, 0, 7200}, {4, 1, 0, 10800}},  // AEST-10AEDT,M10.1.0,M4.1.0/3
    {37800, 39600, {10, 1, 0, 7200}, {4, 1, 0, 7200}},  // <+1030>-10:30<+11>-11,M10.1.0,M4.1.0
    {39600, 39600, {}, {}},
    {39600, 43200, {10, 1, 0, 7200}, {4, 1, 0, 10800}},  // <+11>-11<+12>,M10.1.0,M4.1.0/3
    {43200, 43200, {}, {}},
    {43200, 46800, {9, 5, 0, 7200}, {4, 1, 0, 10800}},  // NZST-12NZDT,M9.5.0,M4.1.0/3
    {45900, 49500, {9, 5, 0, 9900}, {4, 1, 0, 13500}},  // <+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45
    {46800, 46800, {}, {}},
    {50400, 50400, {}, {}},
};

struct ZoneName {
  std::string_view name;
  std::uint8_t rule;  // index into kZoneRules
};
// By name.
inline constexpr ZoneName kZoneNames[] = {
    {"Africa/Abidjan", 27}, {"Africa/Accra", 27}, {"Africa/Addis_Ababa", 40}, {"Africa/Algiers", 31},
    {"Africa/Asmara", 40}, {"Africa/Asmera", 40}, {"Africa/Bamako", 27}, {"Africa/Bangui", 31}, {"Africa/Banjul", 27},
    {"Africa/Bissau", 27}, {"Africa/Blantyre", 33}, {"Africa/Brazzaville", 31}, {"Africa/Bujumbura", 33},
    {"Africa/Cairo", 39}, {"Africa/Casablanca", 31}, {"Africa/Ceuta", 32}, {"Africa/Conakry", 27}, {"Africa/Dakar", 27},
    {"Africa/Dar_es_Salaam", 40}, {"Africa/Djibouti", 40}, {"Africa/Douala", 31}, {"Africa/El_Aaiun", 31},
    {"Africa/Freetown", 27}, {"Africa/Gaborone", 33}, {"Africa/Harare", 33}, {"Africa/Johannesburg", 33},
    {"Africa/Juba", 33}, {"Africa/Kampala", 40}, {"Africa/Khartoum", 33}, {"Africa/Kigali", 33},
    {"Africa/Kinshasa", 31}, {"Africa/Lagos", 31}, {"Africa/Libreville", 31}, {"Africa/Lome", 27},
    {"Africa/Luanda", 31}, {"Africa/Lubumbashi", 33}, {"Africa/Lusaka", 33}, {"Africa/Malabo", 31},
    {"Africa/Maputo", 33}, {"Africa/Maseru", 33}, {"Africa/Mbabane", 33}, {"Africa/Mogadishu", 40},
    {"Africa/Monrovia", 27}, {"Africa/Nairobi", 40}, {"Africa/Ndjamena", 31}, {"Africa/Niamey", 31},
    {"Africa/Nouakchott", 27}, {"Africa/Ouagadougou", 27}, {"Africa/Porto-Novo", 31}, {"Africa/Sao_Tome", 27},
    {"Africa/Timbuktu", 27}, {"Africa/Tripoli", 33}, {"Africa/Tunis", 31}, {"Africa/Windhoek", 33}, {"America/Adak", 3},
    {"America/Anchorage", 6}, {"America/Anguilla", 17}, {"America/Antigua", 17}, {"America/Araguaina", 21},
    {"America/Argentina/Buenos_Aires", 21}, {"America/Argentina/Catamarca", 21},
    {"America/Argentina/ComodRivadavia", 21}, {"America/Argentina/Cordoba", 21}, {"America/Argentina/Jujuy", 21},
    {"America/Argentina/La_Rioja", 21}, {"America/Argentina/Mendoza", 21}, {"America/Argentina/Rio_Gallegos", 21},
    {"America/Argentina/Salta", 21}, {"America/Argentina/San_Juan", 21}, {"America/Argentina/San_Luis", 21},
    {"America/Argentina/Tucuman", 21}, {"America/Argentina/Ushuaia", 21}, {"America/Aruba", 17},
    {"America/Asuncion", 21}, {"America/Atikokan", 14}, {"America/Atka", 3}, {"America/Bahia", 21},
    {"America/Bahia_Banderas", 11}, {"America/Barbados", 17}, {"America/Belem", 21}, {"America/Belize", 11},
    {"America/Blanc-Sablon", 17}, {"America/Boa_Vista", 17}, {"America/Bogota", 14}, {"America/Boise", 10},
    {"America/Buenos_Aires", 21}, {"America/Cambridge_Bay", 10}, {"America/Campo_Grande", 17}, {"America/Cancun", 14},
    {"America/Caracas", 17}, {"America/Catamarca", 21}, {"America/Cayenne", 21}, {"America/Cayman", 14},
    {"America/Chicago", 12}, {"America/Chihuahua", 11}, {"America/Ciudad_Juarez", 10}, {"America/Coral_Harbour", 14},
    {"America/Cordoba", 21}, {"America/Costa_Rica", 11}, {"America/Coyhaique", 21}, {"America/Creston", 9},
    {"America/Cuiaba", 17}, {"America/Curacao", 17}, {"America/Danmarkshavn", 27}, {"America/Dawson", 9},
    {"America/Dawson_Creek", 9}, {"America/Denver", 10}, {"America/Detroit", 16}, {"America/Dominica", 17},
    {"America/Edmonton", 10}, {"America/Eirunepe", 14}, {"America/El_Salvador", 11}, {"America/Ensenada", 8},
    {"America/Fort_Nelson", 9}, {"America/Fort_Wayne", 16}, {"America/Fortaleza", 21}, {"America/Glace_Bay", 18},
    {"America/Godthab", 24}, {"America/Goose_Bay", 18}, {"America/Grand_Turk", 16}, {"America/Grenada", 17},
    {"America/Guadeloupe", 17}, {"America/Guatemala", 11}, {"America/Guayaquil", 14}, {"America/Guyana", 17},
    {"America/Halifax", 18}, {"America/Havana", 15}, {"America/Hermosillo", 9}, {"America/Indiana/Indianapolis", 16},
    {"America/Indiana/Knox", 12}, {"America/Indiana/Marengo", 16}, {"America/Indiana/Petersburg", 16},
    {"America/Indiana/Tell_City", 12}, {"America/Indiana/Vevay", 16}, {"America/Indiana/Vincennes", 16},
    {"America/Indiana/Winamac", 16}, {"America/Indianapolis", 16}, {"America/Inuvik", 10}, {"America/Iqaluit", 16},
    {"America/Jamaica", 14}, {"America/Jujuy", 21}, {"America/Juneau", 6}, {"America/Kentucky/Louisville", 16},
    {"America/Kentucky/Monticello", 16}, {"America/Knox_IN", 12}, {"America/Kralendijk", 17}, {"America/La_Paz", 17},
    {"America/Lima", 14}, {"America/Los_Angeles", 8}, {"America/Louisville", 16}, {"America/Lower_Princes", 17},
    {"America/Maceio", 21}, {"America/Managua", 11}, {"America/Manaus", 17}, {"America/Marigot", 17},
    {"America/Martinique", 17}, {"America/Matamoros", 12}, {"America/Mazatlan", 9}, {"America/Mendoza", 21},
    {"America/Menominee", 12}, {"America/Merida", 11}, {"America/Metlakatla", 6}, {"America/Mexico_City", 11},
    {"America/Miquelon", 22}, {"America/Moncton", 18}, {"America/Monterrey", 11}, {"America/Montevideo", 21},
    {"America/Montreal", 16}, {"America/Montserrat", 17}, {"America/Nassau", 16}, {"America/New_York", 16},
    {"America/Nipigon", 16}, {"America/Nome", 6}, {"America/Noronha", 23}, {"America/North_Dakota/Beulah", 12},
    {"America/North_Dakota/Center", 12}, {"America/North_Dakota/New_Salem", 12}, {"America/Nuuk", 24},
    {"America/Ojinaga", 12}, {"America/Panama", 14}, {"America/Pangnirtung", 16}, {"America/Paramaribo", 21},
    {"America/Phoenix", 9}, {"America/Port-au-Prince", 16}, {"America/Port_of_Spain", 17}, {"America/Porto_Acre", 14},
    {"America/Porto_Velho", 17}, {"America/Puerto_Rico", 17}, {"America/Punta_Arenas", 21}, {"America/Rainy_River", 12},
    {"America/Rankin_Inlet", 12}, {"America/Recife", 21}, {"America/Regina", 11}, {"America/Resolute", 12},
    {"America/Rio_Branco", 14}, {"America/Rosario", 21}, {"America/Santa_Isabel", 8}, {"America/Santarem", 21},
    {"America/Santiago", 19}, {"America/Santo_Domingo", 17}, {"America/Sao_Paulo", 21}, {"America/Scoresbysund", 24},
    {"America/Shiprock", 10}, {"America/Sitka", 6}, {"America/St_Barthelemy", 17}, {"America/St_Johns", 20},
    {"America/St_Kitts", 17}, {"America/St_Lucia", 17}, {"America/St_Thomas", 17}, {"America/St_Vincent", 17},
    {"America/Swift_Current", 11}, {"America/Tegucigalpa", 11}, {"America/Thule", 18}, {"America/Thunder_Bay", 16},
    {"America/Tijuana", 8}, {"America/Toronto", 16}, {"America/Tortola", 17}, {"America/Vancouver", 8},
    {"America/Virgin", 17}, {"America/Whitehorse", 9}, {"America/Winnipeg", 12}, {"America/Yakutat", 6},
    {"America/Yellowknife", 10}, {"Antarctica/Casey", 50}, {"Antarctica/Davis", 49}, {"Antarctica/DumontDUrville", 55},
    {"Antarctica/Macquarie", 56}, {"Antarctica/Mawson", 44}, {"Antarctica/McMurdo", 61}, {"Antarctica/Palmer", 21},
    {"Antarctica/Rothera", 21}, {"Antarctica/South_Pole", 61}, {"Antarctica/Syowa", 40}, {"Antarctica/Troll", 29},
    {"Antarctica/Vostok", 44}, {"Arctic/Longyearbyen", 32}, {"Asia/Aden", 40}, {"Asia/Almaty", 44}, {"Asia/Amman", 40},
    {"Asia/Anadyr", 60}, {"Asia/Aqtau", 44}, {"Asia/Aqtobe", 44}, {"Asia/Ashgabat", 44}, {"Asia/Ashkhabad", 44},
    {"Asia/Atyrau", 44}, {"Asia/Baghdad", 40}, {"Asia/Bahrain", 40}, {"Asia/Baku", 42}, {"Asia/Bangkok", 49},
    {"Asia/Barnaul", 49}, {"Asia/Beirut", 36}, {"Asia/Bishkek", 47}, {"Asia/Brunei", 50}, {"Asia/Calcutta", 45},
    {"Asia/Chita", 52}, {"Asia/Choibalsan", 50}, {"Asia/Chongqing", 50}, {"Asia/Chungking", 50}, {"Asia/Colombo", 45},
    {"Asia/Dacca", 47}, {"Asia/Damascus", 40}, {"Asia/Dhaka", 47}, {"Asia/Dili", 52}, {"Asia/Dubai", 42},
    {"Asia/Dushanbe", 44}, {"Asia/Famagusta", 38}, {"Asia/Gaza", 35}, {"Asia/Harbin", 50}, {"Asia/Hebron", 35},
    {"Asia/Ho_Chi_Minh", 49}, {"Asia/Hong_Kong", 50}, {"Asia/Hovd", 49}, {"Asia/Irkutsk", 50}, {"Asia/Istanbul", 40},
    {"Asia/Jakarta", 49}, {"Asia/Jayapura", 52}, {"Asia/Jerusalem", 34}, {"Asia/Kabul", 43}, {"Asia/Kamchatka", 60},
    {"Asia/Karachi", 44}, {"Asia/Kashgar", 47}, {"Asia/Kathmandu", 46}, {"Asia/Katmandu", 46}, {"Asia/Khandyga", 52},
    {"Asia/Kolkata", 45}, {"Asia/Krasnoyarsk", 49}, {"Asia/Kuala_Lumpur", 50}, {"Asia/Kuching", 50},
    {"Asia/Kuwait", 40}, {"Asia/Macao", 50}, {"Asia/Macau", 50}, {"Asia/Magadan", 58}, {"Asia/Makassar", 50},
    {"Asia/Manila", 50}, {"Asia/Muscat", 42}, {"Asia/Nicosia", 38}, {"Asia/Novokuznetsk", 49}, {"Asia/Novosibirsk", 49},
    {"Asia/Omsk", 47}, {"Asia/Oral", 44}, {"Asia/Phnom_Penh", 49}, {"Asia/Pontianak", 49}, {"Asia/Pyongyang", 52},
    {"Asia/Qatar", 40}, {"Asia/Qostanay", 44}, {"Asia/Qyzylorda", 44}, {"Asia/Rangoon", 48}, {"Asia/Riyadh", 40},
    {"Asia/Saigon", 49}, {"Asia/Sakhalin", 58}, {"Asia/Samarkand", 44}, {"Asia/Seoul", 52}, {"Asia/Shanghai", 50},
    {"Asia/Singapore", 50}, {"Asia/Srednekolymsk", 58}, {"Asia/Taipei", 50}, {"Asia/Tashkent", 44},
    {"Asia/Tbilisi", 42}, {"Asia/Tehran", 41}, {"Asia/Tel_Aviv", 34}, {"Asia/Thimbu", 47}, {"Asia/Thimphu", 47},
    {"Asia/Tokyo", 52}, {"Asia/Tomsk", 49}, {"Asia/Ujung_Pandang", 50}, {"Asia/Ulaanbaatar", 50},
    {"Asia/Ulan_Bator", 50}, {"Asia/Urumqi", 47}, {"Asia/Ust-Nera", 55}, {"Asia/Vientiane", 49},
    {"Asia/Vladivostok", 55}, {"Asia/Yakutsk", 52}, {"Asia/Yangon", 48}, {"Asia/Yekaterinburg", 44},
    {"Asia/Yerevan", 42}, {"Atlantic/Azores", 26}, {"Atlantic/Bermuda", 18}, {"Atlantic/Canary", 28},
    {"Atlantic/Cape_Verde", 25}, {"Atlantic/Faeroe", 28}, {"Atlantic/Faroe", 28}, {"Atlantic/Jan_Mayen", 32},
    {"Atlantic/Madeira", 28}, {"Atlantic/Reykjavik", 27}, {"Atlantic/South_Georgia", 23}, {"Atlantic/St_Helena", 27},
    {"Atlantic/Stanley", 21}, {"Australia/ACT", 56}, {"Australia/Adelaide", 54}, {"Australia/Brisbane", 55},
    {"Australia/Broken_Hill", 54}, {"Australia/Canberra", 56}, {"Australia/Currie", 56}, {"Australia/Darwin", 53},
    {"Australia/Eucla", 51}, {"Australia/Hobart", 56}, {"Australia/LHI", 57}, {"Australia/Lindeman", 55},
    {"Australia/Lord_Howe", 57}, {"Australia/Melbourne", 56}, {"Australia/NSW", 56}, {"Australia/North", 53},
    {"Australia/Perth", 50}, {"Australia/Queensland", 55}, {"Australia/South", 54}, {"Australia/Sydney", 56},
    {"Australia/Tasmania", 56}, {"Australia/Victoria", 56}, {"Australia/West", 50}, {"Australia/Yancowinna", 54},
    {"Brazil/Acre", 14}, {"Brazil/DeNoronha", 23}, {"Brazil/East", 21}, {"Brazil/West", 17}, {"CET", 32},
    {"CST6CDT", 12}, {"Canada/Atlantic", 18}, {"Canada/Central", 12}, {"Canada/Eastern", 16}, {"Canada/Mountain", 10},
    {"Canada/Newfoundland", 20}, {"Canada/Pacific", 8}, {"Canada/Saskatchewan", 11}, {"Canada/Yukon", 9},
    {"Chile/Continental", 19}, {"Chile/EasterIsland", 13}, {"Cuba", 15}, {"EET", 38}, {"EST", 14}, {"EST5EDT", 16},
    {"Egypt", 39}, {"Eire", 30}, {"Etc/GMT", 27}, {"Etc/GMT+0", 27}, {"Etc/GMT+1", 25}, {"Etc/GMT+10", 2},
    {"Etc/GMT+11", 1}, {"Etc/GMT+12", 0}, {"Etc/GMT+2", 23}, {"Etc/GMT+3", 21}, {"Etc/GMT+4", 17}, {"Etc/GMT+5", 14},
    {"Etc/GMT+6", 11}, {"Etc/GMT+7", 9}, {"Etc/GMT+8", 7}, {"Etc/GMT+9", 5}, {"Etc/GMT-0", 27}, {"Etc/GMT-1", 31},
    {"Etc/GMT-10", 55}, {"Etc/GMT-11", 58}, {"Etc/GMT-12", 60}, {"Etc/GMT-13", 63}, {"Etc/GMT-14", 64},
    {"Etc/GMT-2", 33}, {"Etc/GMT-3", 40}, {"Etc/GMT-4", 42}, {"Etc/GMT-5", 44}, {"Etc/GMT-6", 47}, {"Etc/GMT-7", 49},
    {"Etc/GMT-8", 50}, {"Etc/GMT-9", 52}, {"Etc/GMT0", 27}, {"Etc/Greenwich", 27}, {"Etc/UCT", 27}, {"Etc/UTC", 27},
    {"Etc/Universal", 27}, {"Etc/Zulu", 27}, {"Europe/Amsterdam", 32}, {"Europe/Andorra", 32}, {"Europe/Astrakhan", 42},
    {"Europe/Athens", 38}, {"Europe/Belfast", 28}, {"Europe/Belgrade", 32}, {"Europe/Berlin", 32},
    {"Europe/Bratislava", 32}, {"Europe/Brussels", 32}, {"Europe/Bucharest", 38}, {"Europe/Budapest", 32},
    {"Europe/Busingen", 32}, {"Europe/Chisinau", 37}, {"Europe/Copenhagen", 32}, {"Europe/Dublin", 30},
    {"Europe/Gibraltar", 32}, {"Europe/Guernsey", 28}, {"Europe/Helsinki", 38}, {"Europe/Isle_of_Man", 28},
    {"Europe/Istanbul", 40}, {"Europe/Jersey", 28}, {"Europe/Kaliningrad", 33}, {"Europe/Kiev", 38},
    {"Europe/Kirov", 40}, {"Europe/Kyiv", 38}, {"Europe/Lisbon", 28}, {"Europe/Ljubljana", 32}, {"Europe/London", 28},
    {"Europe/Luxembourg", 32}, {"Europe/Madrid", 32}, {"Europe/Malta", 32}, {"Europe/Mariehamn", 38},
    {"Europe/Minsk", 40}, {"Europe/Monaco", 32}, {"Europe/Moscow", 40}, {"Europe/Nicosia", 38}, {"Europe/Oslo", 32},
    {"Europe/Paris", 32}, {"Europe/Podgorica", 32}, {"Europe/Prague", 32}, {"Europe/Riga", 38}, {"Europe/Rome", 32},
    {"Europe/Samara", 42}, {"Europe/San_Marino", 32}, {"Europe/Sarajevo", 32}, {"Europe/Saratov", 42},
    {"Europe/Simferopol", 40}, {"Europe/Skopje", 32}, {"Europe/Sofia", 38}, {"Europe/Stockholm", 32},
    {"Europe/Tallinn", 38}, {"Europe/Tirane", 32}, {"Europe/Tiraspol", 37}, {"Europe/Ulyanovsk", 42},
    {"Europe/Uzhgorod", 38}, {"Europe/Vaduz", 32}, {"Europe/Vatican", 32}, {"Europe/Vienna", 32},
    {"Europe/Vilnius", 38}, {"Europe/Volgograd", 40}, {"Europe/Warsaw", 32}, {"Europe/Zagreb", 32},
    {"Europe/Zaporozhye", 38}, {"Europe/Zurich", 32}, {"GB", 28}, {"GB-Eire", 28}, {"GMT", 27}, {"GMT+0", 27},
    {"GMT-0", 27}, {"GMT0", 27}, {"Greenwich", 27}, {"HST", 2}, {"Hongkong", 50}, {"Iceland", 27},
    {"Indian/Antananarivo", 40}, {"Indian/Chagos", 47}, {"Indian/Christmas", 49}, {"Indian/Cocos", 48},
    {"Indian/Comoro", 40}, {"Indian/Kerguelen", 44}, {"Indian/Mahe", 42}, {"Indian/Maldives", 44},
    {"Indian/Mauritius", 42}, {"Indian/Mayotte", 40}, {"Indian/Reunion", 42}, {"Iran", 41}, {"Israel", 34},
    {"Jamaica", 14}, {"Japan", 52}, {"Kwajalein", 60}, {"Libya", 33}, {"MET", 32}, {"MST", 9}, {"MST7MDT", 10},
    {"Mexico/BajaNorte", 8}, {"Mexico/BajaSur", 9}, {"Mexico/General", 11}, {"NZ", 61}, {"NZ-CHAT", 62}, {"Navajo", 10},
    {"PRC", 50}, {"PST8PDT", 8}, {"Pacific/Apia", 63}, {"Pacific/Auckland", 61}, {"Pacific/Bougainville", 58},
    {"Pacific/Chatham", 62}, {"Pacific/Chuuk", 55}, {"Pacific/Easter", 13}, {"Pacific/Efate", 58},
    {"Pacific/Enderbury", 63}, {"Pacific/Fakaofo", 63}, {"Pacific/Fiji", 60}, {"Pacific/Funafuti", 60},
    {"Pacific/Galapagos", 11}, {"Pacific/Gambier", 5}, {"Pacific/Guadalcanal", 58}, {"Pacific/Guam", 55},
    {"Pacific/Honolulu", 2}, {"Pacific/Johnston", 2}, {"Pacific/Kanton", 63}, {"Pacific/Kiritimati", 64},
    {"Pacific/Kosrae", 58}, {"Pacific/Kwajalein", 60}, {"Pacific/Majuro", 60}, {"Pacific/Marquesas", 4},
    {"Pacific/Midway", 1}, {"Pacific/Nauru", 60}, {"Pacific/Niue", 1}, {"Pacific/Norfolk", 59}, {"Pacific/Noumea", 58},
    {"Pacific/Pago_Pago", 1}, {"Pacific/Palau", 52}, {"Pacific/Pitcairn", 7}, {"Pacific/Pohnpei", 58},
    {"Pacific/Ponape", 58}, {"Pacific/Port_Moresby", 55}, {"Pacific/Rarotonga", 2}, {"Pacific/Saipan", 55},
    {"Pacific/Samoa", 1}, {"Pacific/Tahiti", 2}, {"Pacific/Tarawa", 60}, {"Pacific/Tongatapu", 63},
    {"Pacific/Truk", 55}, {"Pacific/Wake", 60}, {"Pacific/Wallis", 60}, {"Pacific/Yap", 55}, {"Poland", 32},
    {"Portugal", 28}, {"ROC", 50}, {"ROK", 52}, {"Singapore", 50}, {"Turkey", 40}, {"UCT", 27}, {"US/Alaska", 6},
    {"US/Aleutian", 3}, {"US/Arizona", 9}, {"US/Central", 12}, {"US/East-Indiana", 16}, {"US/Eastern", 16},
    {"US/Hawaii", 2}, {"US/Indiana-Starke", 12}, {"US/Michigan", 16}, {"US/Mountain", 10}, {"US/Pacific", 8},
    {"US/Samoa", 1}, {"UTC", 27}, {"Universal", 27}, {"W-SU", 40}, {"WET", 28}, {"Zulu", 27},
};
// clang-format on

}  // namespace seaworthy::checks
