// simdjwt verify --jsonl: the line protocol over standard input and output.
#include <unistd.h>

#include <string>

#include "failure.h"
#include "json/json_reader.h"
#include "jsonl_engine.h"
#include "line_reader.h"
#include "resident_memory.h"
#include "terminal.h"
#include "verify_options.h"

namespace simdjwt::cli {

int run_jsonl() {
  keep_memory_resident();
  LineReader lines(STDIN_FILENO, kLongestLine, JsonReader::kPadding);
  LineEngine engine;
  std::string out;
  std::string_view line;
  for (;;) {
    const LineReader::Status status = lines.next(line);
    if (status == LineReader::Status::end) return kExitOk;
    out.clear();
    if (status == LineReader::Status::too_long) {
      engine.answer_too_long(out);
    } else {
      engine.answer(line, out);
    }
    // One write a line: whoever waits for the answer has it before the next line is read.
    print(out);
  }
}

}  // namespace simdjwt::cli
