/*
 * Verifies messages with libopendkim: the folder of the inputs is the argument, one task a line of the input, its answer a line of JSON. With a
 * selector, a key file, an algorithm and a canonicalization as further arguments it signs instead, standard input to standard output.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <stdbool.h>
#include <opendkim/dkim.h>

#define RECORDS_MAX 64
/* What stands before the value: the library folds by its length. */
#define NAME "DKIM-Signature: "

struct blob { char *bytes; size_t length; };
struct record { char *name; char *text; };

static struct record records[RECORDS_MAX];
static int record_count;

static struct blob read_file(const char *path) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  struct blob blob = { NULL, 0 };
  size_t room = 0, got;
  if (file == NULL) { perror(path); exit(2); }
  do {
    if (blob.length + 65536 > room) { room = room * 2 + 65536; blob.bytes = realloc(blob.bytes, room + 1); }
    got = fread(blob.bytes + blob.length, 1, room - blob.length, file);
    blob.length += got;
  } while (got > 0);
  blob.bytes[blob.length] = '\0';
  if (file != stdin) fclose(file);
  return blob;
}

/* Lines of a name, a tab and the text of a TXT record. */
static void read_zone(const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/zone.txt", folder);
  char *rest = read_file(path).bytes;
  for (char *line = strsep(&rest, "\n"); line != NULL && *line != '\0'; line = strsep(&rest, "\n")) {
    char *tab = strchr(line, '\t');
    if (tab == NULL || record_count == RECORDS_MAX) continue;
    *tab = '\0';
    records[record_count++] = (struct record){ line, tab + 1 };
  }
}

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buffer, size_t length) {
  char name[512];
  (void) dkim;
  snprintf(name, sizeof name, "%s._domainkey.%s", dkim_sig_getselector(sig), dkim_sig_getdomain(sig));
  for (int index = 0; index < record_count; index += 1) {
    if (strcasecmp(records[index].name, name) != 0) continue;
    strncpy((char *) buffer, records[index].text, length);
    return DKIM_CBSTAT_CONTINUE;
  }
  return DKIM_CBSTAT_NOTFOUND;
}

/* Gives a message to a handle, field by field as a milter would, then the body. */
static DKIM_STAT feed(DKIM *dkim, struct blob message) {
  char *at = message.bytes, *end = message.bytes + message.length;
  while (at < end && !(at[0] == '\r' && at + 1 < end && at[1] == '\n')) {
    char *line = at, *behind;
    do {
      behind = memmem(line, (size_t) (end - line), "\r\n", 2);
      if (behind == NULL) behind = end;
      line = behind + 2;
    } while (line < end && (*line == ' ' || *line == '\t'));
    DKIM_STAT status = dkim_header(dkim, (u_char *) at, (size_t) (behind - at));
    if (status != DKIM_STAT_OK) return status;
    at = line;
  }
  DKIM_STAT status = dkim_eoh(dkim);
  if (status != DKIM_STAT_OK) return status;
  at += 2;
  if (at < end) status = dkim_body(dkim, (u_char *) at, (size_t) (end - at));
  return status;
}

static const char *verify(DKIM_LIB *library, struct blob message) {
  DKIM_STAT status;
  DKIM *dkim = dkim_verify(library, (u_char *) "bench", NULL, &status);
  const char *word = "permerror";
  if (dkim == NULL) return "none";
  status = feed(dkim, message);
  if (status == DKIM_STAT_OK) status = dkim_eom(dkim, NULL);
  DKIM_SIGINFO *sig = dkim_getsignature(dkim);
  if (status == DKIM_STAT_NOSIG) word = "none";
  else if (status == DKIM_STAT_OK && sig != NULL && dkim_sig_getbh(sig) == DKIM_SIGBH_MATCH
           && (dkim_sig_getflags(sig) & DKIM_SIGFLAG_PASSED) != 0) word = "pass";
  else if (status == DKIM_STAT_BADSIG || (sig != NULL && dkim_sig_getbh(sig) == DKIM_SIGBH_MISMATCH)) word = "fail";
  dkim_free(dkim);
  return word;
}

static int by_name(const void *one, const void *other) { return strcmp(*(char *const *) one, *(char *const *) other); }

static size_t read_input(const char *folder, const char *input, struct blob **messages) {
  char path[4096], **names = NULL;
  size_t count = 0;
  snprintf(path, sizeof path, "%s/%s", folder, input);
  DIR *directory = opendir(path);
  if (directory == NULL) { perror(path); exit(2); }
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    names = realloc(names, (count + 1) * sizeof *names);
    names[count++] = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, count, sizeof *names, by_name);
  *messages = calloc(count + 1, sizeof **messages);
  for (size_t index = 0; index < count; index += 1) {
    snprintf(path, sizeof path, "%s/%s/%s", folder, input, names[index]);
    (*messages)[index] = read_file(path);
  }
  return count;
}

static double cpu_ms(void) { return (double) clock() * 1000.0 / CLOCKS_PER_SEC; }

static void answer(DKIM_LIB *library, const char *folder, char *task) {
  static char last[256];
  static struct blob *messages;
  static size_t count;
  char input[256] = "";
  double least = 0;
  char *at = strstr(task, "\"input\":\"");
  if (at != NULL) sscanf(at + 9, "%255[^\"]", input);
  at = strstr(task, "\"cpuMsMin\":");
  if (at != NULL) least = strtod(at + 11, NULL);
  if (strcmp(input, last) != 0) { count = read_input(folder, input, &messages); strcpy(last, input); }
  const char **words = calloc(count + 1, sizeof *words);
  double start = cpu_ms();
  size_t done = 0;
  do {
    for (size_t index = 0; index < count; index += 1) words[index] = verify(library, messages[index]);
    done += count;
  } while (cpu_ms() - start < least);
  printf("{\"messages\":%zu,\"cpuMs\":%f,\"words\":[", done, cpu_ms() - start);
  for (size_t index = 0; index < count; index += 1) printf("%s\"%s\"", index > 0 ? "," : "", words[index]);
  printf("]}\n");
  fflush(stdout);
  free(words);
}

/* sign SELECTOR DOMAIN KEYFILE rsa|ed25519 simple|relaxed simple|relaxed */
static int sign(DKIM_LIB *library, char **about) {
  DKIM_STAT status;
  struct blob message = read_file("-"), key = read_file(about[2]);
  dkim_alg_t algorithm = strcmp(about[3], "rsa") == 0 ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256;
  dkim_canon_t header = strcmp(about[4], "simple") == 0 ? DKIM_CANON_SIMPLE : DKIM_CANON_RELAXED;
  dkim_canon_t body = strcmp(about[5], "simple") == 0 ? DKIM_CANON_SIMPLE : DKIM_CANON_RELAXED;
  DKIM *dkim = dkim_sign(library, (u_char *) "sign", NULL, (dkim_sigkey_t) key.bytes, (u_char *) about[0],
                         (u_char *) about[1], header, body, algorithm, -1, &status);
  u_char *value;
  size_t length;
  if (dkim == NULL) { fprintf(stderr, "dkim_sign: %d\n", status); return 1; }
  status = feed(dkim, message);
  if (status == DKIM_STAT_OK) status = dkim_eom(dkim, NULL);
  if (status == DKIM_STAT_OK) status = dkim_getsighdr_d(dkim, strlen(NAME), &value, &length);
  if (status != DKIM_STAT_OK) { fprintf(stderr, "signing: %d %s\n", status, dkim_geterror(dkim)); return 1; }
  printf("%s", NAME);
  /* The library folds with LF alone, which its milter sends on as CRLF. */
  for (size_t index = 0; index < length; index += 1) {
    if (value[index] == '\n' && (index == 0 || value[index - 1] != '\r')) putchar('\r');
    putchar(value[index]);
  }
  printf("\r\n");
  fwrite(message.bytes, 1, message.length, stdout);
  return 0;
}

int main(int count, char **arguments) {
  DKIM_LIB *library = dkim_init(NULL, NULL);
  char *line = NULL;
  size_t room = 0;
  if (library == NULL || count < 2) return 2;
  if (count == 8 && strcmp(arguments[1], "sign") == 0) return sign(library, arguments + 2);
  read_zone(arguments[1]);
  dkim_set_key_lookup(library, look_up);
  while (getline(&line, &room, stdin) > 0) answer(library, arguments[1], line);
  return 0;
}
