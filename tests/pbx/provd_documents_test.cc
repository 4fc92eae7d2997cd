#include "pbx/provd_documents.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

constexpr const char* kFolder = "/var/lib/wazo-provd/jsondb/configs";

class ProvdDocumentsTest : public testing::Test {
 protected:
  void keep(const std::string& name, const char* text) {
    disk_.files[std::string(kFolder) + "/" + name] = text;
  }
  Result<std::vector<Registrar>> registrars() { return documents_.registrars(kFolder); }

  fakes::MemoryFilesystem disk_;
  ProvdDocuments documents_{disk_};
};

TEST_F(ProvdDocumentsTest, FindsTheRegistrarsAmongTheDocuments) {
  keep("default", R"({"X_type": "registrar", "id": "default", "registrar_main": "10.0.0.1",
                      "proxy_main": "10.0.0.1", "registrar_backup": "10.0.0.2"})");
  keep("autoprov", R"({"X_type": "internal", "id": "autoprov", "role": "registrar"})");
  keep("dev1", R"({"X_type": "device", "id": "dev1"})");
  ASSERT_EQ(registrars().value().size(), 1u);
  EXPECT_EQ(registrars().value()[0],
            (Registrar{"default", "10.0.0.1", "10.0.0.1", "10.0.0.2", ""}));
}

TEST_F(ProvdDocumentsTest, FindsNoneBeforeTheWizard) {
  EXPECT_TRUE(registrars().value().empty());
  disk_.directories.insert(kFolder);
  EXPECT_TRUE(registrars().value().empty());
}

TEST_F(ProvdDocumentsTest, PassesOverWhatIsNoDocument) {
  keep("folder/inner", R"({"X_type": "registrar", "id": "inner"})");
  disk_.fifos.insert(std::string(kFolder) + "/pipe");
  keep("broken-device", "{\"X_type\": \"dev");
  EXPECT_TRUE(registrars().value().empty());
}

TEST_F(ProvdDocumentsTest, NamesADamagedRegistrarButNotItsContent) {
  keep("default", R"({"X_type": "registrar", "password": "hidden")");
  const auto damaged = registrars();
  EXPECT_EQ(damaged.error().fault, Fault::invalid);
  EXPECT_NE(damaged.error().message.find("configs/default"), std::string::npos);
  EXPECT_EQ(damaged.error().message.find("hidden"), std::string::npos);
}

TEST_F(ProvdDocumentsTest, TellsWhenItMayNotLook) {
  keep("default", "{}");
  disk_.errors[kFolder] = Error{Fault::denied, "permission denied"};
  EXPECT_EQ(registrars().error().fault, Fault::denied);
}

}  // namespace
}  // namespace tandem
