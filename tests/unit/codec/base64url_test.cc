#include "codec/base64url.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>

#include "differential/base64url.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Octets;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Every kernel answers every input alike, so every test runs over all that this machine supports, and over the one chosen.
struct Kernel {
  const char* name;
  const Base64Kernel* kernel;  // none: whatever base64url_decode() chose

  Base64Result decode(std::string_view in, std::uint8_t* out) const {
    return kernel == nullptr ? base64url_decode(in, out) : base64url_decode(*kernel, in, out);
  }
};
const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = [] {
    std::vector<Kernel> list = {{"chosen", nullptr}};
    for (const Base64Kernel* kernel : base64url_kernels()) {
      if (cpu_supports(kernel->level)) list.push_back({kernel->name, kernel});
    }
    return list;
  }();
  return all;
}

// Decodes into a buffer of exactly the promised size, so that a sanitizer sees a byte too many.
struct Decoded {
  Base64Result result;
  Octets bytes;
};
Decoded decode(const Kernel& kernel, std::string_view in) {
  Decoded out;
  const auto exact = std::make_unique<std::uint8_t[]>(base64url_decoded_size(in.size()));
  out.result = kernel.decode(in, exact.get());
  out.bytes.assign(exact.get(), exact.get() + out.result.size);
  return out;
}

void expect_error(std::string_view in, Error error, std::size_t position) {
  for (const Kernel& kernel : kernels()) {
    const Decoded got = decode(kernel, in);
    EXPECT_EQ(got.result.error, error) << kernel.name << " '" << in << "' " << error_name(got.result.error);
    EXPECT_EQ(got.result.position, position) << kernel.name << " '" << in << "'";
    EXPECT_EQ(got.result.size, 0u) << kernel.name << " '" << in << "'";
  }
}

void expect_bytes(std::string_view in, ByteView bytes) {
  for (const Kernel& kernel : kernels()) {
    const Decoded got = decode(kernel, in);
    EXPECT_EQ(got.result.error, Error::ok) << kernel.name << " '" << in << "'";
    EXPECT_EQ(got.bytes, Octets(bytes.begin(), bytes.end())) << kernel.name << " '" << in << "'";
  }
}

// RFC 4648 §10, without the padding that RFC 7515 §2 leaves out.
TEST(Base64url, VectorsOfRfc4648) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64url_encode(as_bytes(bytes)), text);
    expect_bytes(text, as_bytes(bytes));
  }
  // RFC 7515 appendix C: both of the letters that differ from base64.
  const Octets appendix_c{3, 236, 255, 224, 193};
  EXPECT_EQ(base64url_encode(appendix_c), "A-z_4ME");
  expect_bytes("A-z_4ME", appendix_c);
}

TEST(Base64url, EveryLengthRoundTripsAndAgreesWithOpenSsl) {
  std::mt19937 random(4648);
  for (std::size_t length = 0; length <= 200; ++length) {
    for (int round = 0; round < 8; ++round) {
      Octets bytes(length);
      for (auto& byte : bytes) byte = round == 0 ? 0xff : round == 1 ? 0 : static_cast<std::uint8_t>(random());
      const std::string text = base64url_encode(bytes);
      EXPECT_EQ(text.size(), base64url_encoded_size(length));
      EXPECT_EQ(base64url_decoded_size(text.size()), length);
      EXPECT_EQ(text, test::b64(bytes));    // EVP_EncodeBlock
      EXPECT_EQ(test::unb64(text), bytes);  // EVP_DecodeBlock
      expect_bytes(text, bytes);
    }
  }
}

// Valid texts of random characters, judged by EVP_DecodeBlock.
TEST(Base64url, RandomValidTextsDecodeAsOpenSslDoes) {
  std::mt19937 random(7515);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 300, '\0');
    if (text.size() % 4 == 1) text.pop_back();
    for (char& c : text) c = kAlphabet[random() % 64];
    const std::size_t rest = text.size() % 4;
    if (rest == 2) text.back() = kAlphabet[(random() % 4) << 4];
    if (rest == 3) text.back() = kAlphabet[(random() % 16) << 2];
    expect_bytes(text, test::unb64(text));
  }
}

TEST(Base64url, EncoderWritesNoMoreThanItSays) {
  for (std::size_t length = 0; length <= 64; ++length) {
    const Octets bytes(length, 0xa5);
    std::string out(base64url_encoded_size(length) + 1, '#');
    base64url_encode(ByteView(bytes), out.data());
    EXPECT_EQ(out.back(), '#') << length;
    EXPECT_EQ(out.find('#'), out.size() - 1) << length;
  }
}

// RFC 7515 §2, RFC 4648 §3.3: no padding, no white space, none of base64's '+' and '/'. Blocks of vector kernels are up
// to 64 characters and tails shorter: 160 positions lie in a first, a middle and a last block of each.
TEST(Base64url, EveryForeignByteIsRefusedAtEveryPosition) {
  for (const std::size_t length : {4u, 6u, 7u, 32u, 64u, 66u, 159u, 160u}) {
    std::string text(length, 'A');
    for (std::size_t position = 0; position < length; ++position) {
      for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        if (kAlphabet.find(c) != std::string_view::npos) continue;
        text[position] = c;
        for (const Kernel& kernel : kernels()) {
          const Decoded got = decode(kernel, text);
          ASSERT_EQ(got.result.error, Error::base64url_character) << kernel.name << " " << byte << " at " << position;
          ASSERT_EQ(got.result.position, position) << kernel.name << " " << byte;
          ASSERT_EQ(got.result.size, 0u);
        }
      }
      text[position] = 'A';
    }
  }
}

TEST(Base64url, TheFirstOfSeveralBadCharactersIsNamed) {
  for (std::size_t first = 0; first < 80; ++first) {
    for (std::size_t second = first + 1; second < 80; ++second) {
      std::string text(80, 'b');
      text[first] = '=';
      text[second] = '.';
      expect_error(text, Error::base64url_character, first);
    }
  }
}

TEST(Base64url, PaddingAndWhiteSpaceAreRefused) {
  expect_error("Zg==", Error::base64url_character, 2);
  expect_error("Zm8=", Error::base64url_character, 3);
  expect_error("Zm9v\n", Error::base64url_character, 4);
  expect_error(" Zm9v", Error::base64url_character, 0);
  expect_error("A+z/4ME", Error::base64url_character, 1);
  expect_error("?", Error::base64url_character, 0);
}

// RFC 4648 §3.5: the unused bits are zero, all others make a second encoding of the same bytes.
TEST(Base64url, EveryTrailingBitIsChecked) {
  for (const std::size_t whole : {0u, 4u, 32u, 64u}) {
    for (std::size_t value = 0; value < 64; ++value) {
      const std::string two = std::string(whole, 'x') + "A" + kAlphabet[value];
      const std::string three = std::string(whole, 'x') + "AA" + kAlphabet[value];
      if (value % 16 == 0) {
        expect_bytes(two, test::unb64(two));
      } else {
        expect_error(two, Error::base64url_trailing_bits, two.size() - 1);
      }
      if (value % 4 == 0) {
        expect_bytes(three, test::unb64(three));
      } else {
        expect_error(three, Error::base64url_trailing_bits, three.size() - 1);
      }
    }
  }
}

TEST(Base64url, NoEncodingHasALengthOfOneBeyondFour) {
  for (std::size_t length = 1; length < 140; length += 4) {
    expect_error(std::string(length, 'A'), Error::base64url_length, length - 1);
    EXPECT_EQ(base64url_decoded_size(length), base64url_decoded_size(length - 1));
  }
}

TEST(Base64url, ABadCharacterGoesBeforeTheLengthAndTheTrailingBits) {
  expect_error("AAA=A", Error::base64url_character, 3);
  expect_error("AAAA=", Error::base64url_character, 4);
  expect_error("AAAA*B", Error::base64url_character, 4);
  expect_error("AAAAB*", Error::base64url_character, 5);
  expect_error("*AAABB", Error::base64url_character, 0);
  expect_error(std::string_view("AA\0B", 4), Error::base64url_character, 2);
}

TEST(Base64url, EveryKernelAnswersAsTheScalarOne) {
  for (const Base64Kernel* kernel : base64url_kernels()) {
    if (!cpu_supports(kernel->level)) continue;
    EXPECT_EQ(test::first_difference(*kernel), "");
  }
}

TEST(Base64url, KernelsAreListedSlowestFirstUnderTheNameOfTheirLevel) {
  const auto all = base64url_kernels();
  EXPECT_EQ(all[0], &kBase64Scalar);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_STREQ(all[i]->name, cpu_level_name(all[i]->level));
    EXPECT_TRUE(i == 0 || all[i]->level > all[i - 1]->level);
  }
}

// The build compiles a kernel for each level of its architecture, so the level in use names the kernel in use.
TEST(Base64url, TheChosenKernelIsTheOneOfTheLevelInUse) {
  EXPECT_STREQ(base64url_chosen_kernel().name, cpu_level_name(cpu_level()));
}

// A call before this library's own static initialisation must be answered too; the order of the files is not ours to say.
const Base64Result kDecodedAtLoad = [] {
  std::uint8_t out[3];
  return base64url_decode("Zm9v", out);
}();
TEST(Base64url, CanBeCalledDuringStaticInitialisation) { EXPECT_EQ(kDecodedAtLoad.size, 3u); }

TEST(Base64url, DecodesNothingFromNothing) {
  for (const Kernel& kernel : kernels()) {
    const Base64Result result = kernel.decode({}, nullptr);
    EXPECT_EQ(result.error, Error::ok);
    EXPECT_EQ(result.size, 0u);
  }
}

}  // namespace
}  // namespace simdjwt
