"""simdjwt replay stat and check, and verify with a journal: a token is used once, whoever asks."""
import os
import subprocess
import threading

from support import NOW, BINARY, CliTest, claims, hs256, main, oct_jwk

ISSUER = "https://as.example"


class Replay(CliTest):
    def setUp(self):
        super().setUp()
        self.directory = self.path("journal")
        self.jwk = self.file("jwk", oct_jwk(alg="HS256"))

    def policy(self, level="strict", **replay):
        durability = {"level": level, "directory": self.directory}
        if level == "none":
            durability = {"level": level}
        return self.file("policy.json", {
            "version": 1, "replay": {"mode": "once", "durability": durability, **replay},
            "issuers": [{"issuer": ISSUER, "algorithms": ["HS256"], "audiences": ["https://api.example"], "typ": "JWT"}]})

    def verify(self, token, code, level="strict", now=NOW, **replay):
        return self.run_json("verify", "--policy", self.policy(level, **replay), "--jwk", self.jwk, "--now", str(now),
                             token, code=code)

    def token(self, jti, **changes):
        return hs256(claims(jti=jti, **changes))

    def files(self):
        return sorted(name for name in os.listdir(self.directory) if name.startswith("uses."))

    def test_a_second_process_refuses_what_a_first_accepted(self):
        for level in ("strict", "interval"):
            token = self.token("of-" + level)
            self.assertTrue(self.verify(token, 0, level)["ok"])
            out = self.verify(token, 1, level)
            self.assertEqual(out["error"], "token_replayed")
            self.assertEqual(out["http"]["status"], 401)
        token = self.token("of-none")
        self.verify(token, 0, "none")
        self.verify(token, 0, "none")  # nothing is kept, and nothing was promised

    def test_what_is_rejected_is_not_used(self):
        self.assertEqual(self.verify(self.token("a", aud="https://other.example"), 1)["error"], "aud_mismatch")
        self.assertTrue(self.verify(self.token("a"), 0)["ok"])

    # A step back across a restart: the token is in time again, and has been used.
    def test_a_clock_that_was_ahead_resurrects_nothing(self):
        token = self.token("a")
        self.verify(token, 0)
        self.verify(self.token("b", exp=NOW + 3660), 0, now=NOW + 3600)
        self.assertEqual(self.verify(token, 1)["error"], "token_replayed")

    def test_files_go_when_their_time_is_past(self):
        self.verify(self.token("a"), 0)
        first = self.files()
        self.verify(self.token("b", exp=NOW + 86460), 0, now=NOW + 86400)
        self.assertEqual(len(first), 1)
        self.assertNotIn(first[0], self.files())

    def test_one_process_at_a_time(self):
        self.verify(self.token("a"), 0)
        holder = subprocess.Popen(["flock", self.directory, "sh", "-c", "echo held; cat"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.assertEqual(holder.stdout.readline(), "held\n")
        self.run_cli("verify", "--policy", self.policy(), "--jwk", self.jwk, "--now", str(NOW), self.token("b"), code=3)
        self.assertIn("journal_in_use", self.stderr)
        # Reading needs no lock.
        self.assertEqual(self.run_json("replay", "stat", self.directory)["entries"], 1)
        holder.communicate("")

    def test_a_journal_that_cannot_be_had(self):
        self.verify(self.token("a"), 0)
        os.chmod(self.directory + "/key", 0o644)
        arguments = ("verify", "--policy", self.policy(), "--jwk", self.jwk, "--now", str(NOW), self.token("b"))
        self.run_cli(*arguments, code=2)
        self.assertIn("journal_key", self.stderr)
        self.assertIn("chmod 600", self.stderr)
        os.chmod(self.directory + "/key", 0o600)
        self.run_cli(*arguments, code=0)
        self.directory = "/proc/no/such/place"
        self.run_cli(*arguments[:2], self.policy(), *arguments[3:], code=2)
        self.assertIn("journal_directory", self.stderr)

    def test_stat(self):
        self.verify(self.token("a"), 0)
        self.verify(self.token("b", exp=NOW + 20000), 0)
        out = self.run_json("replay", "stat", "--at", str(NOW), self.directory)
        self.assertEqual([file["name"] for file in out["files"]], self.files())
        self.assertEqual((out["entries"], out["live"], out["torn_bytes"], out["damaged"]), (2, 2, 0, 0))
        self.assertEqual(out["bytes"], sum(os.path.getsize(f"{self.directory}/{name}") for name in self.files()))
        self.assertEqual((out["files"][0]["first_forget_at"], out["files"][1]["last_forget_at"]), (NOW + 60, NOW + 20000))
        self.assertEqual(self.run_json("replay", "stat", "--at", str(NOW + 60), self.directory)["live"], 1)
        text = self.run_cli("replay", "stat", "--text", "--at", str(NOW), self.directory)
        self.assertIn("2 files, 2 entries, 2 live at 2023-11-14 22:13:20Z", text)

    def test_stat_of_torn_and_damaged_files(self):
        for jti in "ab":
            self.verify(self.token(jti), 0)
        path = f"{self.directory}/{self.files()[0]}"
        with open(path, "ab") as file:
            file.write(b"torn")
        out = self.run_json("replay", "stat", self.directory)
        self.assertEqual((out["files"][0]["state"], out["torn_bytes"], out["entries"]), ("torn", 4, 2))
        self.assertIn("4 bytes behind the last good record", self.run_cli("replay", "stat", "--text", self.directory))
        with open(path, "r+b") as file:
            file.seek(80)
            file.write(b"\xff")
        out = self.run_json("replay", "stat", self.directory)
        self.assertEqual((out["files"][0]["state"], out["damaged"], out["entries"]), ("damaged", 1, 1))
        self.assertIn("may be accepted again", self.run_cli("replay", "stat", "--text", self.directory))
        # Not known is not unused where something is lost.
        check = ("replay", "check", self.directory, "--issuer", ISSUER, "--jti")
        self.assertEqual(self.run_json(*check, "a", code=1), {"used": False, "damaged": 1})
        self.assertIn("damaged: 1 file", self.run_cli(*check, "a", "--text", code=1))
        self.assertEqual(self.run_json(*check, "b")["damaged"], 1)
        # What the damage left is known still.
        self.verify(self.token("b"), 1)

    def test_stat_while_it_is_written(self):
        self.verify(self.token("first"), 0)
        results = []

        def read():
            for _ in range(10):
                done = subprocess.run([BINARY, "replay", "stat", "--json", self.directory], capture_output=True, check=False)
                results.append(done.returncode)

        reader = threading.Thread(target=read)
        reader.start()
        for i in range(20):
            self.verify(self.token(f"t{i}"), 0)
        reader.join()
        self.assertEqual(set(results), {0})

    def test_check(self):
        self.verify(self.token("a"), 0)
        asked = ("replay", "check", self.directory, "--issuer", ISSUER)
        self.assertEqual(self.run_json(*asked, "--jti", "a", "--at", str(NOW)),
                         {"used": True, "forget_at": NOW + 60, "expired": False})
        self.assertTrue(self.run_json(*asked, "--jti", "a", "--at", str(NOW + 60))["expired"])
        self.assertEqual(self.run_json(*asked, "--jti", "b", code=1), {"used": False})
        self.assertFalse(self.run_json(*asked[:-1], "https://other.example", "--jti", "a", code=1)["used"])
        self.assertFalse(self.run_json(*asked, "--jti", "a", "--per", "alice", code=1)["used"])
        self.assertIn("remembered until 2023-11-14 22:14:20Z", self.run_cli(*asked, "--jti", "a", "--at", str(NOW), "--text"))
        self.assertIn("not known", self.run_cli(*asked, "--jti", "b", "--text", code=1))

    def test_check_per_subject(self):
        self.verify(self.token("a"), 0, unique_per="subject")
        self.verify(self.token("a", sub="bob"), 0, unique_per="subject")
        asked = ("replay", "check", self.directory, "--issuer", ISSUER, "--jti", "a")
        self.assertTrue(self.run_json(*asked, "--per", "alice")["used"])
        self.assertTrue(self.run_json(*asked, "--per", "bob")["used"])
        self.run_json(*asked, "--per", "carol", code=1)
        self.run_json(*asked, code=1)

    def test_what_is_no_journal(self):
        for command in (("stat",), ("check", "--issuer", "a", "--jti", "b")):
            self.run_cli("replay", command[0], self.path("nothing"), *command[1:], code=2)
            self.assertIn("journal_directory", self.stderr)
        os.mkdir(self.directory)
        self.assertEqual(self.run_json("replay", "stat", self.directory)["files"], [])
        self.run_cli("replay", "check", self.directory, "--issuer", "a", "--jti", "b", code=2)
        self.assertIn("journal_key", self.stderr)
        self.file("journal/uses.9.future", "")
        self.run_cli("replay", "stat", self.directory, code=2)
        self.assertIn("journal_format", self.stderr)
        self.run_cli("replay", code=2)
        self.run_cli("replay", "check", self.directory, code=2)


main()
