/* For tests alone: a frame of C that is overrun, compiled with the flags of the engine. */
#include <stddef.h>

void scop_smash(volatile char *unused, size_t octets) {
  char room[32];
  volatile char *at = room;
  for (size_t index = 0; index < octets; index += 1) at[index] = 0x41;
  *unused = room[0];
}
