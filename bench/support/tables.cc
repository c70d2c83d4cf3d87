#include "support/tables.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace simdjwt::bench {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

// [a,b,...] of any list and what turns an element into JSON.
template <class List, class Write>
std::string array(const List& list, const Write& write) {
  std::string out = "[";
  for (const auto& one : list) {
    if (out.size() > 1) out += ',';
    out += write(one);
  }
  return out + "]";
}

std::string cell_json(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text != nullptr ? quoted(*text) : number(std::get<double>(cell));
}

std::string shown(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  const double value = std::get<double>(cell);
  char out[40];
  const bool whole = value >= 100 || value == static_cast<double>(static_cast<long long>(value));
  std::snprintf(out, sizeof(out), whole ? "%.0f" : "%.2f", value);
  return out;
}

std::string json(const Tables& all) {
  return "{\"title\":" + quoted(all.title) + ",\"about\":" + quoted(all.about) + ",\"tables\":" +
         array(all.tables,
               [](const Table& table) {
                 return "{\"title\":" + quoted(table.title) + ",\"columns\":" + array(table.columns, quoted) +
                        ",\"note\":" + quoted(table.note) +
                        ",\"lines\":" + array(table.lines, [](int column) { return std::to_string(column); }) +
                        ",\"rows\":" +
                        array(table.rows, [](const std::vector<Cell>& row) { return array(row, cell_json); }) + "}";
               }) +
         ",\"ratios\":" +
         array(all.ratios,
               [](const Ratio& ratio) {
                 return "{\"name\":" + quoted(ratio.name) + ",\"better\":\"" +
                        (ratio.lower_is_better ? "lower" : "higher") +
                        "\",\"samples\":" + array(ratio.samples, number) + "}";
               }) +
         "}\n";
}

void print(const Table& table) {
  std::printf("\n%s\n", table.title.c_str());
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t width = table.columns[i].size();
    for (const auto& row : table.rows) width = std::max(width, shown(row[i]).size());
    widths.push_back(width);
  }
  const auto line = [&](const auto& cells, const auto& text) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      std::printf(i == 0 ? "  %-*s" : "  %*s", static_cast<int>(widths[i]), text(cells[i]).c_str());
    }
    std::printf("\n");
  };
  line(table.columns, [](const std::string& name) { return name; });
  for (const auto& row : table.rows) line(row, shown);
  if (!table.note.empty()) std::printf("  %s\n", table.note.c_str());
}

}  // namespace

Options::Options(int& argc, char** argv) {
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
      json = argv[++i];
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
}

void Options::refuse_others(int argc, char** argv) const {
  if (argc == 1) return;
  std::fprintf(stderr, "usage: %s [--json FILE] [--quick]\n", argv[0]);
  std::exit(2);
}

int Tables::finish(const Options& options) const {
  std::printf("%s\n%s\n", title.c_str(), about.c_str());
  for (const Table& table : tables) print(table);
  if (options.json.empty()) return 0;
  std::FILE* file = std::fopen(options.json.c_str(), "w");
  const std::string text = simdjwt::bench::json(*this);
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr && std::fclose(file) == 0 && written) return 0;
  std::fprintf(stderr, "cannot write %s\n", options.json.c_str());
  return 1;
}

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return quantile(samples, 0.5);
}

double quantile(const std::vector<double>& ascending, double q) {
  const double at = q * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  const double part = at - static_cast<double>(below);
  return ascending[below] * (1 - part) + ascending[above] * part;
}

}  // namespace simdjwt::bench
