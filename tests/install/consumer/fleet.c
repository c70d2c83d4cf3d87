/* Finds and links what comes with simdjwt/fleet.h. */
#include <simdjwt/fleet.h>

#include <string.h>

int main(void) {
  simdjwt_fleet_health health = SIMDJWT_FLEET_HEALTH_INIT;
  return simdjwt_fleet_health_of(NULL, &health) == SIMDJWT_INVALID_ARGUMENT &&
                 strcmp(simdjwt_fleet_state_name(SIMDJWT_FLEET_LOCAL_ONLY), "local_only") == 0
             ? 0
             : 1;
}
