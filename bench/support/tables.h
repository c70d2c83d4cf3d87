// What a benchmark program finds, as tables: printed for a person, and with --json FILE written for bench/report.
//
// A program may also state ratios, one sample per repeat, which bench/report --compare looks at: they compare two runs
// where times do not. Ownership: owns its copies. Thread-safety: none.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace simdjwt::bench {

// The command line of such a program: --json FILE and --quick, taken out of argv; the rest is left there.
struct Options {
  std::string json;
  bool quick = false;

  Options(int& argc, char** argv);

  // For a program that has no other arguments: says how it is used and ends it when there are any.
  void refuse_others(int argc, char** argv) const;
};

using Cell = std::variant<std::string, double>;

struct Table {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  std::string note;
  std::vector<int> lines;  // columns that the report draws over the first one
};

struct Ratio {
  std::string name;
  bool lower_is_better = true;
  std::vector<double> samples;
};

struct Tables {
  std::string title;
  std::string about;
  std::vector<Table> tables;
  std::vector<Ratio> ratios;

  // Prints, writes the JSON if it is wanted, and returns the program's exit status: 1 when it cannot be written.
  int finish(const Options& options) const;
};

double median(std::vector<double> samples);  // by value: it is sorted
// The q-quantile, 0 to 1, of samples in ascending order.
double quantile(const std::vector<double>& ascending, double q);

}  // namespace simdjwt::bench
