#include "pbx/table_map.h"

#include <algorithm>
#include <array>

#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kCalls =
    "each node keeps the records of the calls that it carried itself";
constexpr std::string_view kStatistics = "they are made from the node's own call and queue records";
constexpr std::string_view kHost = "they configure this host: network, DNS, mail";
constexpr std::string_view kPresence = "each node writes the presence that it sees itself";
constexpr std::string_view kTokens =
    "a copy would end every session of the secondary's own services";
constexpr std::string_view kRevision =
    "they belong to the programs installed on the node; differing revisions refuse the run";

// Where a name is in the vendor's list and in none of today's schemas, it stays for older ones.
constexpr std::array kRules = std::to_array<LeftOutRule>({
    {"call_log", "", true, true, true, kCalls},
    {"call_log_participant", "", true, true, true, kCalls},
    {"cel", "", true, true, true, kCalls},
    {"queue_log", "", true, true, true, kCalls},
    {"call_logd_*", "call_logd_retention|call_logd_config", true, true, false, kCalls},
    {"stat_*", "", true, true, true, kStatistics},
    {"monitoring", "", true, true, true, kHost},
    {"mail", "", true, true, true, kHost},
    {"netiface", "", true, true, true, kHost},
    {"resolvconf", "", true, true, true, kHost},
    {"dhcp", "", true, false, true, kHost},
    {"session", "", true, true, true, "they are the sessions of the node's own web interface"},
    {"chatd_session", "", true, true, false, kPresence},
    {"chatd_line", "", true, true, false, kPresence},
    {"chatd_endpoint", "", true, true, false, kPresence},
    {"chatd_channel", "", true, true, false, kPresence},
    {"chatd_refresh_token", "", true, true, false, kPresence},
    {"auth_token", "", true, true, false, kTokens},
    {"auth_session", "", true, true, false, kTokens},
    {"alembic_version*", "", true, true, false, kRevision},
});

struct IdentityRow {
  std::string_view table;
  bool in_wazo;
  bool in_xivo;
};

constexpr std::array kIdentity = std::to_array<IdentityRow>({
    {"userfeatures", true, true},
    {"linefeatures", true, true},
    {"endpoint_sip", true, false},
    {"usersip", false, true},
    {"extensions", true, true},
    {"queuefeatures", true, true},
    {"trunkfeatures", true, true},
    {"incall", true, true},
    {"auth_user", true, false},
    {"auth_tenant", true, false},
    {"tenant", true, false},
    {"entity", false, true},
});

// Names of tables as of Wazo 26.08; with a `*`: of services whose tables are known by prefix.
constexpr std::string_view kKnown =
    "accessfeatures|agent_login_status|agent_membership_status|agentfeatures|agentglobalparams|"
    "agentqueueskill|alembic_version*|application|application_dest_node|asterisk_file|"
    "asterisk_file_section|asterisk_file_variable|auth_access|auth_address|auth_email|"
    "auth_external_auth_config|auth_external_auth_type|auth_group|auth_group_policy|"
    "auth_ldap_config|auth_policy|auth_policy_access|auth_refresh_token|auth_saml_config|"
    "auth_saml_pysaml2_cache|auth_saml_session|auth_session|auth_tenant|auth_tenant_domain|"
    "auth_token|auth_user|auth_user_external_auth|auth_user_group|auth_user_policy|blocklist|"
    "blocklist_number|blocklist_user|call_log|call_log_participant|call_logd_*|callerid|callfilter|"
    "callfiltermember|cel|chatd_*|conference|context|contextinclude|contextmember|contextnumbers|"
    "contexttype|dhcp|dialaction|dialpattern|dird_*|endpoint_sip|endpoint_sip_section|"
    "endpoint_sip_section_option|endpoint_sip_template|extensions|external_app|feature_extension|"
    "features|func_key|func_key_dest_agent|func_key_dest_bsfilter|func_key_dest_conference|"
    "func_key_dest_custom|func_key_dest_features|func_key_dest_forward|func_key_dest_group|"
    "func_key_dest_groupmember|func_key_dest_paging|func_key_dest_park_position|"
    "func_key_dest_parking|func_key_dest_queue|func_key_dest_service|func_key_dest_user|"
    "func_key_destination_type|func_key_mapping|func_key_template|func_key_type|groupfeatures|"
    "iaxcallnumberlimits|incall|infos|ingress_http|ivr|ivr_choice|line_extension|linefeatures|mail|"
    "meeting|meeting_authorization|meeting_owner|moh|monitoring|netiface|outcall|outcalltrunk|"
    "paging|paginguser|parking_lot|phone_number|pickup|pickupmember|pjsip_transport|"
    "pjsip_transport_option|provisioning|queue|queue_log|queuefeatures|queuemember|queueskill|"
    "queueskillrule|resolvconf|rightcall|rightcallexten|rightcallmember|sccpdevice|"
    "sccpgeneralsettings|sccpline|schedule|schedule_path|schedule_time|session|stat_agent|"
    "stat_agent_periodic|stat_call_on_queue|stat_queue|stat_queue_periodic|"
    "stat_switchboard_queue|staticiax|staticqueue|staticvoicemail|stats_conf|stats_conf_agent|"
    "stats_conf_queue|stats_conf_xivouser|switchboard|switchboard_member_user|tenant|"
    "trunkfeatures|user_external_app|user_line|usercustom|userfeatures|useriax|voicemail|"
    "webhookd_*";

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool is_among(std::string_view patterns, std::string_view name) {
  const auto words = split(patterns);
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& word) { return matches(word, name); });
}

bool is_in(Product product, bool in_wazo, bool in_xivo) {
  return product == Product::wazo ? in_wazo : in_xivo;
}

}  // namespace

std::span<const LeftOutRule> left_out_rules() { return kRules; }

std::optional<std::string_view> left_out_because(Product product, std::string_view table,
                                                 const std::vector<std::string>& exclude) {
  for (const LeftOutRule& rule : kRules) {
    if (!is_in(product, rule.in_wazo, rule.in_xivo)) continue;
    if (matches(rule.pattern, table) && !is_among(rule.except, table)) return rule.why;
  }
  for (const std::string& name : exclude)
    if (name == table || name == "public." + std::string(table))
      return "the declaration leaves it out: spec.replication.database.excludeTables";
  return std::nullopt;
}

bool is_identity_table(Product product, std::string_view table) {
  return std::any_of(kIdentity.begin(), kIdentity.end(), [&](const IdentityRow& row) {
    return row.table == table && is_in(product, row.in_wazo, row.in_xivo);
  });
}

std::vector<std::string_view> identity_tables(Product product) {
  std::vector<std::string_view> names;
  for (const IdentityRow& row : kIdentity)
    if (is_in(product, row.in_wazo, row.in_xivo)) names.push_back(row.table);
  return names;
}

bool is_known_table(Product product, std::string_view table) {
  return product == Product::xivo || is_among(kKnown, table);
}

bool is_schema_revision_table(std::string_view table) { return matches("alembic_version*", table); }

}  // namespace tandem
