// What came of a check is set by the VerifyContext that verified it: nobody else can call a signature good.
// expect: private
#include "signature/verify.h"

bool use(simdjwt::SignatureCheck& check) {
#ifdef MISUSE
  check.error_ = simdjwt::Error::ok;
#endif
  return check.error() == simdjwt::Error::ok;
}
