// How long Asterisk lets a phone be registered: what bounds the time a phone stays with a dead
// node.
//
// Today it is in the SIP template labelled `global` of each tenant, before Wazo 20.13 in the
// general section of sip.conf; which one is found by asking.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/confd.h"
#include "resources/resource.h"
#include "resources/unconfirmed.h"

namespace tandem {

class RegistrationExpiry {
 public:
  static constexpr std::string_view name = "sip-expiry";
  static constexpr bool steps_are_independent = true;

  // Where an expiry is kept.
  struct Site {
    enum class Kind { tenant_template, general } kind = Kind::tenant_template;
    std::string id;     // the template's uuid; "general"
    std::string label;  // in plans: "TENANT/global"
    OptionPairs options;
    bool unconfirmed = false;  // an earlier write was not cleanly answered
  };

  // In whole seconds, as Asterisk has them.
  struct Values {
    std::string minimum, maximum, initial;
  };

  struct Desired {
    std::optional<Values> values;  // nullopt: not managed
    Role role = Role::off;
  };

  struct Observed {
    std::vector<Site> sites;
    std::optional<bool> live_reload;  // nullopt: not known
    bool has_live_reload = true;      // false: this confd has no such switch
  };

  struct Step {
    Site site;
    std::map<std::string, std::string> options;  // the three, in the words of the site
    std::string why;
  };

  using Told = std::function<void(Duration longest)>;

  // `told` is given the longest maximum that a look found.
  RegistrationExpiry(Confd& confd, Unconfirmed& unconfirmed, Told told = {})
      : confd_(confd), unconfirmed_(unconfirmed), told_(std::move(told)) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);

  static std::optional<std::string> deferral(const Goal& goal);
  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  Task<Result<std::vector<Site>>> find_sites();
  Task<Result<std::vector<Site>>> find_general();
  Task<Status> write_template(const Step& step);
  Task<Status> write_general(const Step& step);
  Status settle(const Step& step, Status sent);

  Confd& confd_;
  Unconfirmed& unconfirmed_;
  Told told_;
};

std::vector<Change> describe(const RegistrationExpiry::Step& step);

static_assert(Resource<RegistrationExpiry>);

}  // namespace tandem
