#include "app/version.h"

namespace tandem {

const char* const kVersion = TANDEM_VERSION;
const char* const kRevision = TANDEM_REVISION;

}  // namespace tandem
