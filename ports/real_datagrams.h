// UDP sockets, one for each question.
#pragma once

#include "ports/datagram.h"

namespace tandem {

class RealDatagrams : public Datagrams {
 public:
  Task<Result<std::string>> ask(DatagramRequest request) override;
};

}  // namespace tandem
