#include "fetch/state_file.h"

#include <sys/stat.h>

#include <fstream>

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

const KeptKeys kKept{"https://as.example", "https://as.example/jwks", "\"e\ntag\"", 1'800'000'000, "{\"keys\":[]}\n"};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

TEST(FetchStateFile, ComesBackAsItWas) {
  const TemporaryDirectory directory;
  const StateDirectory state(directory.path());
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_NOT_FOUND);
  ASSERT_EQ(state.save(kKept).error, SIMDJWT_OK);
  const StateFileResult loaded = state.load(kKept.issuer, 1000);
  EXPECT_EQ(loaded.error, SIMDJWT_OK) << loaded.detail;
  EXPECT_EQ(loaded.keys, kKept);
  const std::string path = directory.path() + "/" + state_file_name(kKept.issuer);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

// Two containers that share a directory may both be process 1.
TEST(FetchStateFile, WhatAnotherWithThisProcessNumberIsWritingIsLeftAlone) {
  const TemporaryDirectory directory;
  const std::string theirs =
      directory.path() + "/" + state_file_name(kKept.issuer) + "." + std::to_string(::getpid()) + ".new";
  write(theirs, "half of");
  ASSERT_EQ(StateDirectory(directory.path()).save(kKept).error, SIMDJWT_OK);
  EXPECT_EQ(read(theirs), "half of");
  EXPECT_EQ(StateDirectory(directory.path()).load(kKept.issuer, 1000).keys, kKept);
}

TEST(FetchStateFile, AnIssuerNeverMakesAPath) {
  for (const char* issuer : {"../../etc/passwd", "", "https://as.example/%2e%2e/a", "a\nb"}) {
    const std::string name = state_file_name(issuer);
    EXPECT_EQ(name.size(), 69u);
    EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), 64u);
  }
  EXPECT_NE(state_file_name("a"), state_file_name("b"));
}

TEST(FetchStateFile, DamageAtAnyByteIsFound) {
  const std::string whole = write_kept_keys(kKept);
  ASSERT_EQ(parse_kept_keys(whole), kKept);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      damaged[at] = static_cast<char>(whole[at] ^ flip);
      EXPECT_FALSE(parse_kept_keys(damaged)) << at;
    }
    EXPECT_FALSE(parse_kept_keys(std::string_view(whole).substr(0, at))) << at;
    damaged = whole;
    EXPECT_FALSE(parse_kept_keys(damaged.insert(at, 1, 'x'))) << at;
  }
  EXPECT_FALSE(parse_kept_keys(whole + "\n"));
}

TEST(FetchStateFile, DamagedOnDiskIsSaidAndNotBelieved) {
  const TemporaryDirectory directory;
  const StateDirectory state(directory.path());
  ASSERT_EQ(state.save(kKept).error, SIMDJWT_OK);
  const std::string path = directory.path() + "/" + state_file_name(kKept.issuer);
  const std::string whole = read(path);
  for (const std::string& text : {std::string(), whole.substr(0, whole.size() / 2), whole + whole}) {
    write(path, text);
    EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_FETCH_STATE_FILE);
  }
  write(path, whole);
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_OK);
  EXPECT_EQ(state.load(kKept.issuer, kKept.body.size() - 1).error, SIMDJWT_FETCH_STATE_FILE);
}

TEST(FetchStateFile, OfAnotherIssuerIsNotBelieved) {
  const TemporaryDirectory directory;
  const StateDirectory state(directory.path());
  ASSERT_EQ(state.save(kKept).error, SIMDJWT_OK);
  std::filesystem::rename(directory.path() + "/" + state_file_name(kKept.issuer),
                          directory.path() + "/" + state_file_name("https://other.example"));
  EXPECT_EQ(state.load("https://other.example", 1000).error, SIMDJWT_FETCH_STATE_FILE);
}

TEST(FetchStateFile, ThatOthersMayWriteIsNotBelieved) {
  const TemporaryDirectory directory;
  const StateDirectory state(directory.path());
  ASSERT_EQ(state.save(kKept).error, SIMDJWT_OK);
  const std::string path = directory.path() + "/" + state_file_name(kKept.issuer);
  for (const mode_t mode : {0620, 0602, 0666}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_FETCH_STATE_FILE);
  }
}

TEST(FetchStateFile, ThatIsNoFileIsNotBelieved) {
  const TemporaryDirectory directory;
  const StateDirectory state(directory.path());
  const std::string path = directory.path() + "/" + state_file_name(kKept.issuer);
  write(directory.path() + "/elsewhere", write_kept_keys(kKept));
  std::filesystem::create_symlink(directory.path() + "/elsewhere", path);
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_FETCH_STATE_FILE);
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_FETCH_STATE_FILE);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_FETCH_STATE_FILE);
  EXPECT_EQ(state.save(kKept).error, SIMDJWT_FETCH_STATE_FILE);
}

TEST(FetchStateFile, ADirectoryThatIsNotThereIsSaid) {
  const StateDirectory state("/nonexistent/simdjwt");
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_NOT_FOUND);
  const StateFileResult saved = state.save(kKept);
  EXPECT_EQ(saved.error, SIMDJWT_FETCH_STATE_FILE);
  EXPECT_NE(saved.detail.find("No such file"), std::string::npos) << saved.detail;
}

TEST(FetchStateFile, WithoutADirectoryNothingIsKept) {
  const StateDirectory state("");
  EXPECT_EQ(state.save(kKept).error, SIMDJWT_OK);
  EXPECT_EQ(state.load(kKept.issuer, 1000).error, SIMDJWT_NOT_FOUND);
}

}  // namespace
}  // namespace simdjwt::fetch::test
