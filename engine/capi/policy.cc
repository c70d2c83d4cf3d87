#include <cstddef>

#include "capi/handles.h"

using namespace simdjwt;
using namespace simdjwt::capi;

simdjwt_error simdjwt_ruleset_compile(const char* policy, uint64_t size, simdjwt_ruleset** out,
                                      simdjwt_diagnostic* diagnostic) noexcept {
  if (policy == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!write_diagnostic(diagnostic, Error::ok, UINT32_MAX, {}, {})) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  try {
    RulesetResult compiled = Ruleset::compile(text(policy, size));
    if (compiled.error != Error::ok) {
      write_diagnostic(diagnostic, compiled.error, compiled.offset, compiled.path, compiled.expected);
      return code(compiled.error);
    }
    *out = new simdjwt_ruleset{std::move(compiled.ruleset)};
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_ruleset_free(simdjwt_ruleset* ruleset) noexcept {
  delete ruleset;
}

uint32_t simdjwt_ruleset_issuer_count(const simdjwt_ruleset* ruleset) noexcept {
  return ruleset == nullptr ? 0 : static_cast<uint32_t>(ruleset->ruleset->issuers().size());
}

// A struct from before has_discovery is filled as far as it goes.
simdjwt_error simdjwt_ruleset_issuer(const simdjwt_ruleset* ruleset, uint32_t index,
                                     simdjwt_issuer_info* info) noexcept {
  if (ruleset == nullptr || info == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  const bool has_discovery = knows_size(info);
  if (!has_discovery && info->struct_size != offsetof(simdjwt_issuer_info, has_discovery)) {
    return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  }
  if (index >= ruleset->ruleset->issuers().size()) return SIMDJWT_NOT_FOUND;
  const IssuerRule& rule = ruleset->ruleset->issuers()[index];
  info->has_inline_keys = rule.keys ? 1 : 0;
  info->issuer = view(rule.issuer);
  info->jwks_uri = optional_view(!rule.jwks_uri.empty(), rule.jwks_uri);
  if (has_discovery) info->has_discovery = rule.discovery ? 1 : 0;
  return SIMDJWT_OK;
}

namespace {

simdjwt_error write_fetch(const FetchPolicy& fetch, simdjwt_fetch_policy* policy) noexcept {
  if (!knows_size(policy)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  policy->deadline_ms = fetch.deadline_ms;
  policy->max_body_bytes = fetch.max_body_bytes;
  policy->max_header_bytes = fetch.max_header_bytes;
  policy->max_redirects = fetch.max_redirects;
  policy->allow_cross_origin_redirects = fetch.cross_origin_redirects ? 1 : 0;
  policy->allow_private_addresses = fetch.private_addresses ? 1 : 0;
  policy->allow_http = fetch.http ? 1 : 0;
  policy->min_refresh_s = fetch.min_refresh_s;
  policy->max_refresh_s = fetch.max_refresh_s;
  policy->max_stale_s = fetch.max_stale_s;
  policy->cooldown_s = fetch.demand.cooldown_s;
  policy->unknown_kid_ttl_s = fetch.demand.unknown_kid_ttl_s;
  policy->min_backoff_ms = fetch.min_backoff_ms;
  policy->max_backoff_s = fetch.max_backoff_s;
  policy->host_requests_per_minute = fetch.host_requests_per_minute;
  policy->ca_file = optional_view(!fetch.ca_file.empty(), fetch.ca_file);
  policy->proxy = optional_view(!fetch.proxy.empty(), fetch.proxy);
  policy->state_dir = optional_view(!fetch.state_dir.empty(), fetch.state_dir);
  return SIMDJWT_OK;
}

}  // namespace

simdjwt_error simdjwt_ruleset_fetch(const simdjwt_ruleset* ruleset, simdjwt_fetch_policy* policy) noexcept {
  if (ruleset == nullptr || policy == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  return write_fetch(ruleset->ruleset->fetch(), policy);
}

simdjwt_error simdjwt_fetch_policy_defaults(simdjwt_fetch_policy* policy) noexcept {
  if (policy == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  const FetchPolicy defaults;  // without texts, so that no view outlives it
  return write_fetch(defaults, policy);
}

static_assert(SIMDJWT_DURABILITY_NONE == static_cast<unsigned>(Durability::none));
static_assert(SIMDJWT_DURABILITY_INTERVAL == static_cast<unsigned>(Durability::interval));
static_assert(SIMDJWT_DURABILITY_STRICT == static_cast<unsigned>(Durability::strict));

simdjwt_error simdjwt_ruleset_replay(const simdjwt_ruleset* ruleset, simdjwt_replay_policy* policy) noexcept {
  if (ruleset == nullptr || policy == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(policy)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  const ReplayPolicy& replay = ruleset->ruleset->replay();
  const ReplayFleet& fleet = replay.fleet;
  policy->enabled = replay.enabled ? 1 : 0;
  policy->memory_bytes = replay.store.memory_bytes;
  policy->max_retention_s = replay.max_retention_s;
  policy->issuer_quota_percent = replay.store.issuer_quota_percent;
  policy->durability = static_cast<uint32_t>(replay.durability);
  policy->interval_ms = replay.interval_ms;
  policy->fleet_node_count = static_cast<uint32_t>(fleet.nodes.size());
  policy->fleet_deadline_ms = fleet.deadline_ms;
  policy->fleet_allow_local_only = fleet.local_only ? 1 : 0;
  policy->grace_s = static_cast<uint32_t>(replay.grace_s);
  policy->fleet_wait_replicas = fleet.wait_replicas;
  policy->directory = optional_view(!replay.directory.empty(), replay.directory);
  policy->fleet_key_file = optional_view(!fleet.key_file.empty(), fleet.key_file);
  policy->fleet_user = optional_view(!fleet.user.empty(), fleet.user);
  policy->fleet_password_file = optional_view(!fleet.password_file.empty(), fleet.password_file);
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_ruleset_fleet_node(const simdjwt_ruleset* ruleset, uint32_t index, simdjwt_str* node) noexcept {
  if (ruleset == nullptr || node == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  const std::vector<std::string>& nodes = ruleset->ruleset->replay().fleet.nodes;
  if (index >= nodes.size()) return SIMDJWT_NOT_FOUND;
  *node = view(nodes[index]);
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_validator_new(const simdjwt_ruleset* ruleset, simdjwt_validator** out) noexcept {
  if (ruleset == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    *out = new simdjwt_validator(ruleset->ruleset);
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_validator_free(simdjwt_validator* validator) noexcept {
  delete validator;
}

simdjwt_error simdjwt_validator_swap_ruleset(simdjwt_validator* validator, const simdjwt_ruleset* ruleset) noexcept {
  if (validator == nullptr || ruleset == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  try {
    return code(validator->validator.swap_ruleset(ruleset->ruleset));
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}
