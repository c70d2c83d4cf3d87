/* Finds and links what comes with simdjwt/fetch.h. */
#include <simdjwt/fetch.h>

int main(void) {
  simdjwt_issuer_health health = SIMDJWT_ISSUER_HEALTH_INIT;
  return health.struct_size == sizeof health && health.state == SIMDJWT_FETCH_STARTING ? 0 : 1;
}
