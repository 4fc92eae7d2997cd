#include "probes/wizard_probe.h"

namespace tandem {

Task<Reading> probe_wizard(Confd& confd) {
  const auto wizard = co_await confd.wizard();
  Reading reading;
  if (!wizard.ok()) {
    reading.reason = "NotAnswered";
    reading.message = "whether the wizard has passed is not known: " + wizard.error().message;
  } else if (wizard.value().configured) {
    reading.verdict = Verdict::good;
    reading.reason = "Configured";
    reading.message = "the wizard has passed";
  } else {
    reading.verdict = Verdict::bad;
    reading.reason = "WizardNotPassed";
    reading.message =
        "HA must not be set up before the wizard passed: finish it in the web interface of this "
        "node";
  }
  co_return reading;
}

}  // namespace tandem
