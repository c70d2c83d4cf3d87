/* Finds and links what comes with simdjwt/journal.h. */
#include <simdjwt/journal.h>

int main(void) {
  simdjwt_journal_reader reader = SIMDJWT_JOURNAL_READER_INIT;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  return simdjwt_journal_read("/dev/null/none", 14, &reader, 0, &diagnostic) == SIMDJWT_JOURNAL_DIRECTORY ? 0 : 1;
}
