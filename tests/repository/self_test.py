#!/usr/bin/env python3
"""Shows that each check of this folder fails when it should: every violation is planted in a copy of the tree.

Usage: self_test.py ROOT LIBRARY SIMDJWT CC
"""
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import abi
import docs
import isa
import layers
import links
import tree

# In pieces, as in docs.py.
LEFT_OVER = "TO" + "DO"
MACHINE = "/ho" + "me/somebody"


class PlantedViolations(unittest.TestCase):
    root = library = cli = compiler = None

    @classmethod
    def setUpClass(cls):
        cls.table = subprocess.run([cls.cli, "errors"], capture_output=True, text=True, check=True).stdout

    @contextlib.contextmanager
    def copy(self, *plants):
        """A copy of the tree with `plants`, each (file, text to find or None to append, text to put there)."""
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder).resolve()
            for part in ("engine", "tools", "docs", "tests/repository"):
                shutil.copytree(self.root / part, copy / part, ignore=shutil.ignore_patterns(*tree.SKIPPED))
            for name, old, new in plants:
                path = copy / name
                path.parent.mkdir(parents=True, exist_ok=True)
                before = tree.text(path) if path.exists() else ""
                self.assertTrue(old is None or old in before, f"{name} has no '{old}'")
                path.write_text(before + new if old is None else before.replace(old, new, 1), encoding="utf-8")
            yield copy

    def expect(self, problems, *words):
        self.assertTrue(any(all(word in problem for word in words) for problem in problems), f"{words}: {problems}")

    def test_layers(self):
        with self.copy() as root:
            self.assertEqual(layers.check(root), [])
        for name, line, *words in (
                ("engine/jose/header.h", "jwk/jwk.h", "right of jose"),
                ("engine/base/bytes.h", "json/json_reader.h", "right of base"),
                ("engine/claims/claims.cc", "capi/handles.h", "right of claims"),
                ("engine/validator/validator.cc", "simdjwt/simdjwt.h", "only capi"),
                ("engine/new/thing.h", "base/bytes.h", "layers do not know"),
                ("engine/include/simdjwt/simdjwt.h", "base/bytes.h", "installed"),
                ("engine/include/simdjwt/simdjwt.h", "absl/strings/string_view.h", "abseil"),
                ("engine/validator/validator.cc", "simdjson.h", "simdjson belongs in engine/json"),
                ("engine/claims/claims.cc", "openssl/evp.h", "openssl belongs in"),
                ("tools/simdjwt/main.cc", "openssl/evp.h", "openssl belongs in"),
                ("tools/simdjwt/main.cc", "absl/strings/str_cat.h", "absl belongs in"),
                ("engine/jwk/jwk_set.h", "absl/container/flat_hash_map.h", "abseil stays in .cc"),
                ("engine/base/error.cc", "boost/asio.hpp", "boost"),
                ("engine/policy/scope.cc", "hiredis/hiredis.h", "hiredis"),
                ("engine/fetch/url.h", "jwk/jwk.h", "fetch uses the C API"),
                ("engine/jwk/jwk.h", "fetch/url.h", "on top of the core"),
                ("engine/codec/base64url_avx2.cc", "codec/base64url.h", "intrinsics and its kernel header"),
                ("engine/codec/base64url_avx512.cc", "string_view", "intrinsics and its kernel header"),
                ("engine/signature/sha256_pair_shani.cc", "signature/sha256_pair.h", "intrinsics and its kernel header"),
                ("tools/simdjwt/main.cc", "jwk/jwk.h", "tools use the C API"),
                ("tools/simdjwt/main.cc", "../../engine/jwk/jwk.h", "relative path")):
            with self.subTest(name=name, line=line), self.copy((name, None, f'\n#include "{line}"\n')) as root:
                self.expect(layers.check(root), name, *words)
            if not line.startswith(".."):
                with self.subTest(name=name, line=f"<{line}>"), self.copy((name, None, f"\n# include <{line}>\n")) as root:
                    self.expect(layers.check(root), name, *words)

    def test_cycles(self):
        with self.copy(("engine/jwk/jwk.h", None, '#include "jwk/jwk_set.h"\n')) as root:
            self.expect(layers.check(root), "cycle", "engine/jwk/jwk_set.h")

    def test_abi_layout(self):
        header = abi.HEADER
        with self.copy() as root:
            self.assertEqual(abi.check_layout(root, self.compiler), [])
        for old, new, *words in (
                ("  simdjwt_error error;\n  simdjwt_check check;", "  simdjwt_check check;\n  simdjwt_error error;", "check at 4"),
                ("  simdjwt_str kid;\n", "  simdjwt_str kid;\n  uint64_t more;\n", "more at"),
                ("  char path[256];", "  char path[128];", "path at 12 size 128"),
                ("  SIMDJWT_NOT_FOUND = 0x0608", "  SIMDJWT_NOT_FOUND = 0x0609", "SIMDJWT_NOT_FOUND = 1545"),
                ("uint64_t max_token_bytes,", "uint32_t max_token_bytes,", "simdjwt_scratch_new", "uint32_t"),
                ("  SIMDJWT_OK = 0,", "  SIMDJWT_OK = 0,\n  SIMDJWT_MORE = 0x0901,", "SIMDJWT_MORE")):
            with self.subTest(new=new), self.copy((header, old, new)) as root:
                self.expect(abi.check_layout(root, self.compiler), *words)
                abi.check_layout(root, self.compiler, is_update=True)
                self.assertEqual(abi.check_layout(root, self.compiler), [])

    def test_abi_symbols(self):
        header = abi.without_comments(tree.text(self.root / abi.HEADER))
        exported = abi.exported_symbols(self.library)
        self.assertEqual(abi.check_symbols(header, exported), [])
        self.assertGreater(len(exported), 20)
        self.expect(abi.check_symbols(header, exported | {"_ZN7simdjwt4wipeEPvm"}), "not declared", "wipe")
        self.expect(abi.check_symbols(header, exported - {"simdjwt_validate@@SIMDJWT_0"}), "not exported", "validate")
        unversioned = exported - {"simdjwt_validate@@SIMDJWT_0"} | {"simdjwt_validate"}
        self.expect(abi.check_symbols(header, unversioned), "not declared: simdjwt_validate")

    def test_symbols_of_a_library(self):
        """A library that leaks a symbol, through nm."""
        with tempfile.TemporaryDirectory() as folder:
            source, library = pathlib.Path(folder) / "leak.c", pathlib.Path(folder) / "libleak.so"
            source.write_text("int leaked(void) { return 1; }\n", encoding="ascii")
            subprocess.run([self.compiler, "-shared", "-fPIC", source, "-o", library], check=True)
            self.assertIn("leaked", abi.exported_symbols(library))

    def test_symbols_for_one_instruction_set(self):
        entry = "0000000000000000 D simdjwt::kBase64Avx2\n"
        listing = "\nx.cc.o:\n0 W std::min()\n\nbase64url_avx2.cc.o:\n" + entry + "0000000000000010 t decode(int)\n"
        self.assertEqual(isa.check(listing), [])
        for kind in ("T", "W", "V", "w", "v", "u", "i"):
            self.expect(isa.check(f"{listing}0000000000000020 {kind} std::min()\n"), "avx2", "std::min")
        self.assertEqual(isa.check("sha256_pair_shani.cc.o:\n" + entry), [])
        self.expect(isa.check("sha256_pair_shani.cc.o:\n0 W std::min()\n"), "shani", "std::min")
        self.expect(isa.check("x.cc.o:\n" + entry), "no object")

    def test_errors(self):
        with self.copy() as root:
            self.assertEqual(docs.check(root, self.table), [])
        row = "the token has expired"
        with self.copy((docs.ERRORS, row, "the token is old")) as root:
            self.expect(docs.check(root, self.table), docs.ERRORS, "the token is old")
            self.expect(docs.check(root, self.table), "simdjwt says", row)
            docs.check(root, self.table, is_update=True)
            self.assertEqual(docs.check(root, self.table), [])
        with self.copy((docs.ERRORS, None, "| 0x0999 | `new` | 401 |  | more |\n")) as root:
            self.expect(docs.check(root, self.table), "0x0999")

    def test_policy(self):
        with self.copy((docs.COMPILER, '"max_age_s",', '"max_age_s", "min_age_s",')) as root:
            self.expect(docs.check(root, self.table), docs.POLICY, "min_age_s")
        with self.copy((docs.FETCH, '"ca_file",', '"ca_file", "ca_folder",')) as root:
            self.expect(docs.check(root, self.table), docs.POLICY, "ca_folder")
        with self.copy((docs.POLICY, "`max_kid_bytes`", "kid")) as root:
            self.expect(docs.check(root, self.table), docs.POLICY, "max_kid_bytes")

    def test_text(self):
        with self.copy(("engine/base/error.cc", None, f"// {LEFT_OVER}: finish\n")) as root:
            self.expect(docs.check(root, self.table), "engine/base/error.cc", LEFT_OVER)
        with self.copy(("docs/policy.md", None, f"See {MACHINE}/notes.\n")) as root:
            self.expect(docs.check(root, self.table), "docs/policy.md", "path of some machine")

    def test_files(self):
        with self.copy(("engine/base/new.h", None, "#pragma once\n// What it is.\n")) as root:
            self.expect(docs.check(root, self.table), "engine/base/new.h", "what it is")
        with self.copy(("engine/base/long.cc", None, "\n" * (docs.MAX_LINES + 1))) as root:
            self.expect(docs.check(root, self.table), "engine/base/long.cc", "lines")

    def test_links(self):
        for planted, *words in (("[x](nowhere.md)", "nowhere"), ("[x](policy.md#no-such)", "no such heading"),
                                ("[x](../..)", "out of the tree"), ("[x]: gone.md", "gone.md")):
            with self.subTest(planted=planted), self.copy(("docs/planted.md", None, f"# Planted\n\n{planted}\n")) as root:
                self.expect(links.check(root), "docs/planted.md", *words)
        good = "[a](policy.md#rule) [b](https://example.com/x) `[c](gone.md)`\n"
        with self.copy(("docs/planted.md", None, good)) as root:
            self.assertFalse([problem for problem in links.check(root) if "planted" in problem])


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    PlantedViolations.root = tree.root_argument()
    PlantedViolations.library, PlantedViolations.cli, PlantedViolations.compiler = sys.argv[2:]
    unittest.main(argv=sys.argv[:1])
