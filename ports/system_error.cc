#include "ports/system_error.h"

#include <cerrno>
#include <system_error>

namespace tandem {

Fault fault_of(int error) {
  switch (error) {
    case ENOENT: return Fault::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return Fault::denied;
    // The host is short of something, or slow: it may be better later.
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case EINTR:
    case EBUSY:
    case ETXTBSY:
    case ESTALE:
    case ETIMEDOUT: return Fault::unavailable;
    default: return Fault::invalid;
  }
}

Error system_error(const std::string& subject, const std::string& act, int error) {
  return Error{fault_of(error),
               subject + ": cannot " + act + ": " + std::generic_category().message(error)};
}

}  // namespace tandem
