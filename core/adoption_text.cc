#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/adoption.h"
#include "core/spec.h"

namespace tandem {
namespace {

// A YAML text that grows line by line.
class Page {
 public:
  static constexpr std::size_t kWidth = 100;

  void line(std::size_t indent, std::string_view text) {
    text_ += std::string(indent, ' ').append(text) + "\n";
  }

  // A comment, broken at blanks.
  void remark(std::size_t indent, std::string_view text) {
    const std::size_t room = kWidth - indent - 2;
    while (!text.empty()) {
      std::size_t end = text.size();
      if (end > room) {
        end = text.rfind(' ', room);
        if (end == std::string_view::npos || end == 0) end = room;
      }
      line(indent, fmt::format("# {}", text.substr(0, end)));
      text.remove_prefix(end);
      while (text.starts_with(' ')) text.remove_prefix(1);
    }
  }

  // A line with a remark behind it, or above it where both together are too long.
  void line(std::size_t indent, const std::string& text, const std::string& why) {
    const std::string whole = fmt::format("{}  # {}", text, why);
    if (indent + whole.size() <= kWidth) return line(indent, whole);
    remark(indent, why);
    line(indent, text);
  }

  void blank() { text_ += "\n"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void head(Page& page, const Found& found) {
  page.line(0, "# yaml-language-server: $schema=schema/pair.schema.json");
  page.remark(0, fmt::format("Written by `tandem import` on {}, from the node as it is. Nothing is "
                             "changed while changes.allow is none: `tandem plan` shows what would "
                             "be. The same file, byte for byte, belongs on the other node. Fields "
                             "that do not stand here have their defaults: `tandem explain`.",
                             found.own_name.value));
  for (const Finding& finding : found.findings) {
    page.line(0, "#");
    page.remark(0, fmt::format("FOUND {}: {}", finding.name, finding.meaning));
  }
  for (const std::string& unread : found.unread) {
    page.line(0, "#");
    page.remark(0, "NOT READ: " + unread);
  }
}

void node(Page& page, std::string_view key, const NodeSpec& spec, const FoundText& name,
          const FoundText& address) {
  page.line(2, fmt::format("{}:", key));
  page.line(
      4, fmt::format("name: \"{}\"", spec.name),
      name.value.empty() ? "made up: put the other node's host name here" : "from " + name.from);
  page.line(4, fmt::format("address: {}", spec.address), "from " + address.from);
}

void nodes(Page& page, const HAPair& pair, const Found& found) {
  page.line(2, fmt::format("product: {}", pair.product == Product::wazo ? "wazo" : "xivo"),
            "from " + found.product_from);
  const std::string role = fmt::format("the {}, from {}", role_name(found.role), found.role_from);
  page.line(2, fmt::format("enabled: {}", pair.enabled),
            pair.enabled ? "this node is " + role : "off here; it is, or was, " + role);
  page.blank();
  const bool primary = found.role == Role::primary;
  node(page, "primary", pair.primary, primary ? found.own_name : found.peer_name,
       primary ? found.own_address : found.peer_address);
  node(page, "secondary", pair.secondary, primary ? found.peer_name : found.own_name,
       primary ? found.peer_address : found.own_address);
}

void changes(Page& page) {
  page.blank();
  page.remark(2,
              "Raise this step by step: file keeps the vendor's files and the registrars right, "
              "reload also the SIP expiry, PostgreSQL's access and fail2ban. `tandem status` says "
              "what comes next.");
  page.line(2, "changes: { allow: none }");
}

std::string shown(const SipExpiry& expiry) {
  return fmt::format("{}/{}/{}", to_string(expiry.minimum), to_string(expiry.maximum),
                     to_string(expiry.initial));
}

void sip(Page& page, const HAPair& pair, const Found& found) {
  page.blank();
  if (!pair.sip.managed) {
    page.remark(2, found.expiry ? fmt::format("found as {}, which can not be declared, from {}: "
                                              "left alone",
                                              shown(*found.expiry), found.expiry_from)
                                : "the SIP expiry could not be read, and is left alone. Once it "
                                  "can be, set policy: managed");
    page.line(2, "sip: { policy: unmanaged }");
    return;
  }
  page.remark(2, "From " + found.expiry_from + ".");
  if (!pair.sip.expiry) {
    const bool fast = pair.sip.preset == SipPolicy::Preset::fast;
    page.line(2,
              fmt::format("sip: {{ policy: managed, preset: {} }}", fast ? "fast" : "documented"));
    return;
  }
  const SipExpiry& expiry = *pair.sip.expiry;
  page.remark(2,
              "A phone may stay with a dead node for the maximum. Without the line `expiry` the "
              "preset holds: documented, or fast.");
  page.line(2, "sip:");
  page.line(4, "policy: managed");
  page.line(4, fmt::format("expiry: {{ minimum: {}, maximum: {}, default: {} }}",
                           to_string(expiry.minimum), to_string(expiry.maximum),
                           to_string(expiry.initial)));
}

void registrars(Page& page, const HAPair& pair) {
  if (pair.provisioning.registrars.empty()) return;
  page.blank();
  page.remark(2,
              "Registrars whose backup is not the other node, kept as found. Remove a line, and "
              "Tandem sets the other node's address.");
  page.line(2, "provisioning:");
  page.line(4, "registrars:");
  for (const auto& [id, backups] : pair.provisioning.registrars)
    page.line(6, backups ? fmt::format("\"{}\": {{ registrarBackup: \"{}\", proxyBackup: \"{}\" }}",
                                       id, backups->registrar_backup, backups->proxy_backup)
                         : fmt::format("\"{}\": ignore", id));
}

void duties(Page& page, const Found& found) {
  page.blank();
  page.remark(2, "Both duties stay with the vendor's mechanism, as found.");
  page.line(2, "failover: { owner: vendor, mode: advise }");
  page.line(2, "replication: { owner: vendor }");
  if (found.vendor_mails) {
    page.remark(2,
                "The vendor's job runs from cron, which mails its output to root: root is told by "
                "Tandem as well.");
    page.line(2, "notify: [{ mail: root@localhost }]");
  }
}

}  // namespace

std::string pair_text(const HAPair& pair, const Found& found) {
  Page page;
  head(page, found);
  page.line(0, "apiVersion: tandem.ha/v1alpha1");
  page.line(0, "kind: HAPair");
  page.line(0, "metadata:");
  page.line(2, fmt::format("name: \"{}\"", pair.name));
  page.line(0, "spec:");
  nodes(page, pair, found);
  changes(page);
  sip(page, pair, found);
  registrars(page, pair);
  duties(page, found);
  return page.text();
}

std::string operator_text(const OperatorConfig& config) {
  const OperatorConfig defaults;
  Page page;
  page.line(0, "# yaml-language-server: $schema=schema/operator.schema.json");
  page.remark(0,
              "Written by `tandem import`: the operator of this node alone. Fields that do not "
              "stand here have their defaults: `tandem explain OperatorConfig.spec`.");
  page.line(0, "apiVersion: tandem.ha/v1alpha1");
  page.line(0, "kind: OperatorConfig");
  page.line(0, "spec:");
  page.line(2, fmt::format("node: \"{}\"", config.node), "which of the pair's two nodes this is");
  const auto given = to_json(config)["spec"], plain = to_json(defaults)["spec"];
  for (const auto& [key, value] : given.items()) {
    if (key == "node" || value == plain[key]) continue;
    page.line(2, fmt::format("{}: {}", key, value.dump()));  // JSON is YAML
  }
  page.blank();
  page.remark(2, fmt::format("The Wazo user of Tandem: username and password, mode 0600, in {}.",
                             config.credentials_file));
  return page.text();
}

}  // namespace tandem
