// The help text: names, value and description of an option, in groups.
//
// CLI11's own lists what every option excludes and needs, which buries the rest; a wrong combination is named when it
// is tried.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace simdjwt::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string out;
    if (option->get_type_size() != 0 && !option->get_positional()) out += " " + option->get_type_name();
    if (option->get_required()) out += " (required)";
    return out;
  }
};

}  // namespace simdjwt::cli
