#include "core/digest.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

// The examples of FIPS 180-2, appendix B.1, and of the empty text: what `sha256sum` prints too.
TEST(Digest, IsSha256InHexadecimal) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace tandem
