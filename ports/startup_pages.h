// What only the start has needed of memory.
#pragma once

namespace tandem {

// Unmaps what is in memory of program text and constants, of this program and of its libraries:
// what runs from now on maps its own again, in microseconds a page. A start touches libraries whole
// (GnuTLS and Kerberos, which libpq brings, and which nobody calls afterwards), and maps sixteen
// pages around each. And gives free heap back.
void give_startup_pages_back();

}  // namespace tandem
