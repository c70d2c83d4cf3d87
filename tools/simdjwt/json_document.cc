#include "json_document.h"

#include <algorithm>

namespace simdjwt::cli {
namespace {

JsonLimits limits_for(std::string_view text, DuplicateMembers duplicates) {
  constexpr std::size_t kMostNodes = std::size_t{1} << 21U;
  JsonLimits limits;
  limits.max_bytes = static_cast<std::uint32_t>(std::min(std::max<std::size_t>(text.size(), 64), kMaxDocumentBytes));
  limits.max_depth = 64;
  // Every node but the root stands behind one of these: the reader pays for nodes up front, and most documents are
  // small.
  const auto openers = std::count_if(text.begin(), text.end(), [](char c) { return c == ',' || c == '{' || c == '['; });
  limits.max_nodes = static_cast<std::uint32_t>(std::min(static_cast<std::size_t>(openers) + 1, kMostNodes));
  limits.duplicates = duplicates;
  return limits;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text, DuplicateMembers duplicates)
    : padded_(std::make_unique<std::string>()), size_(text.size()), reader_(limits_for(text, duplicates)) {
  padded_->reserve(text.size() + JsonReader::kPadding);
  padded_->assign(text);
  padded_->append(JsonReader::kPadding, ' ');
  result_ = reader_.read(this->text());
}

const JsonNode* JsonDocument::find(std::string_view name) const noexcept {
  return nodes().empty() ? nullptr : find_member(nodes(), 0, name);
}

const JsonNode* JsonDocument::find(const JsonNode* object, std::string_view name) const noexcept {
  if (object == nullptr || object->kind != JsonKind::object) return nullptr;
  return find_member(nodes(), static_cast<std::uint32_t>(object - nodes().data()), name);
}

std::vector<const JsonNode*> JsonDocument::children(const JsonNode* container) const {
  std::vector<const JsonNode*> out;
  if (container == nullptr || (container->kind != JsonKind::object && container->kind != JsonKind::array)) return out;
  const auto all = nodes();
  const auto index = static_cast<std::uint32_t>(container - all.data());
  for (std::uint32_t i = first_child(index); i < container->next; i = all[i].next) out.push_back(&all[i]);
  return out;
}

std::vector<const JsonNode*> JsonDocument::children() const {
  return nodes().empty() ? std::vector<const JsonNode*>() : children(nodes().data());
}

std::vector<std::string_view> strings_of(const JsonDocument& document, const JsonNode* node) {
  if (node == nullptr) return {};
  if (node->kind == JsonKind::string) return {node->text};
  std::vector<std::string_view> out;
  for (const JsonNode* child : document.children(node)) {
    if (node->kind == JsonKind::array && child->kind == JsonKind::string) out.push_back(child->text);
  }
  return out;
}

bool is_json_value(std::string_view text) {
  const std::string wrapped = "{\"v\":" + std::string(text) + "}";
  const JsonDocument document(wrapped);
  // One member only: a text such as 1,"x":2 must not smuggle in another.
  return document.ok() && document.children().size() == 1;
}

}  // namespace simdjwt::cli
