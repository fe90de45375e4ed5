/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser of `drbdsetup show` and /proc/drbd.  It cuts the texts up in place instead of copying words, because the
 * output for a thousand minors has some megabytes.  What to do about the values, others know.
 */
#include <stdlib.h>
#include <string.h>

#include <libtune/host/drbd.h>
#include <libtune/base/error.h>

#define DEEPEST 8
/* meta-disk "/dev/vg/meta" [ 0 ] */
#define MOST_WORDS 5

/* clang-format off */
const char *const tune_drbd_options[TUNE_DRBD_N_OPTIONS] = {
	"net/max-buffers",     "net/max-epoch-size",   "net/sndbuf-size",     "net/rcvbuf-size",
	"net/protocol",        "net/on-congestion",    "net/congestion-fill", "net/congestion-extents",
	"net/unplug-watermark",
	"disk/al-extents",     "disk/c-plan-ahead",    "disk/c-fill-target",  "disk/c-delay-target",
	"disk/c-min-rate",     "disk/c-max-rate",      "disk/resync-rate",
	"disk/disk-barrier",   "disk/disk-flushes",    "disk/md-flushes",     "disk/disk-drain",
	"disk/al-updates",     "disk/read-balancing",
};
/* clang-format on */

/**
 * @sections: names of the sections that are open at @at, @depth of them
 * @words: of the statement that is being read
 * @first: index of the resource's first device
 * @net: options of the resource's connection, which hold for all its devices
 */
typedef struct {
	TuneDrbd *drbd;
	char *at;
	guint line;
	const char *sections[DEEPEST];
	guint depth;
	char *words[MOST_WORDS];
	guint n_words;
	guint first;
	const char *resource;
	const char *local;
	const char *remote;
	const char *net[TUNE_DRBD_N_OPTIONS];
	TuneDrbdDevice *device;
} Parser;

static void device_free(gpointer data)
{
	TuneDrbdDevice *device = data;

	g_free(device->name);
	g_free(device);
}

void tune_drbd_free(TuneDrbd *drbd)
{
	if (!drbd)
		return;
	g_ptr_array_unref(drbd->devices);
	g_ptr_array_unref(drbd->texts);
	g_free(drbd->version);
	g_free(drbd);
}

/* ---- options ---- */

static gint find_option(const char *group, const char *key)
{
	size_t length = strlen(group);

	for (gint i = 0; i < TUNE_DRBD_N_OPTIONS; i++) {
		const char *option = tune_drbd_options[i];
		if (strncmp(option, group, length) == 0 && option[length] == '/' &&
		    strcmp(option + length + 1, key) == 0)
			return i;
	}
	return -1;
}

/* "61440k": drbdsetup and Ganeti take the value in the unit in which it is printed, so the letter is cut off. */
static void set_option(const char **values, const char *group, const char *key, char *value)
{
	gint index = find_option(group, key);
	size_t length = strspn(value, G_CSET_DIGITS);

	if (length && value[length] && !value[length + 1] && strchr("ksKS", value[length]))
		value[length] = '\0';
	if (index >= 0)
		values[index] = value;
}

/* ---- statements ---- */

static const char *get_section(const Parser *parser)
{
	return parser->depth ? parser->sections[parser->depth - 1] : "";
}

static void add_device(Parser *parser, const char *minor, const char *volume)
{
	TuneDrbdDevice *device = g_new0(TuneDrbdDevice, 1);

	device->minor = (guint)strtoul(minor, NULL, 10);
	device->volume = (guint)strtoul(volume, NULL, 10);
	device->name = g_strdup_printf("drbd%u", device->minor);
	device->resource = parser->resource;
	g_ptr_array_add(parser->drbd->devices, device);
	parser->device = device;
}

/* DRBD 9 prints a volume once for this host, and again within each connection. */
static TuneDrbdDevice *find_volume(const Parser *parser, const char *number)
{
	guint volume = (guint)strtoul(number, NULL, 10);

	for (guint i = parser->first; i < parser->drbd->devices->len; i++) {
		TuneDrbdDevice *device = parser->drbd->devices->pdata[i];
		if (device->volume == volume)
			return device;
	}
	return NULL;
}

/* drbdsetup prints "ipv4 192.0.2.11:11000" and takes "ipv4:192.0.2.11:11000", so the words are joined in place. */
static void parse_address(Parser *parser)
{
	const char *section = get_section(parser);

	if (parser->n_words != 3)
		return;
	char *address = parser->words[1], *end = address + strlen(address);
	*end = ':';
	memmove(end + 1, parser->words[2], strlen(parser->words[2]) + 1);
	if (strcmp(section, "_this_host") == 0)
		parser->local = address;
	else if (strcmp(section, "_remote_host") == 0)
		parser->remote = address;
}

static void parse_statement(Parser *parser)
{
	const char *section = get_section(parser);
	char **words = parser->words;

	if (parser->n_words < 2)
		return;
	if (strcmp(section, "net") == 0)
		set_option(parser->net, "net", words[0], words[1]);
	else if (strcmp(section, "disk") == 0 && parser->device)
		set_option(parser->device->values, "disk", words[0], words[1]);
	else if (strcmp(words[0], "address") == 0)
		parse_address(parser);
	else if (strcmp(words[0], "device") == 0 && parser->n_words == 3 &&
		 strcmp(section, "volume") == 0)
		add_device(parser, words[2], section + strlen(section) + 1);
	else if (strcmp(words[0], "disk") == 0 && parser->device)
		parser->device->disk = words[1];
}

static gboolean fail_line(const Parser *parser, GError **error)
{
	return tune_fail(error, TUNE_ERROR_INVALID, "drbdsetup show: line %u not understood",
			 parser->line);
}

static gboolean open_section(Parser *parser, GError **error)
{
	char **words = parser->words;

	if (parser->depth == DEEPEST || !parser->n_words)
		return fail_line(parser, error);
	if (parser->depth == 0) {
		parser->resource = parser->n_words > 1 ? words[1] : words[0];
		parser->first = parser->drbd->devices->len;
		parser->local = parser->remote = NULL;
		parser->device = NULL;
		memset(parser->net, 0, sizeof(parser->net));
	}
	if (strcmp(words[0], "volume") == 0) {
		if (parser->n_words != 2)
			return fail_line(parser, error);
		parser->device = find_volume(parser, words[1]);
		/* add_device() expects the number behind the name's NUL. */
		memmove(words[0] + strlen("volume") + 1, words[1], strlen(words[1]) + 1);
	}
	parser->sections[parser->depth++] = words[0];
	return TRUE;
}

/* Only at the end of a resource all that its devices have in common is known. */
static void end_resource(const Parser *parser)
{
	for (guint i = parser->first; i < parser->drbd->devices->len; i++) {
		TuneDrbdDevice *device = parser->drbd->devices->pdata[i];
		device->local = parser->local;
		device->remote = parser->remote;
		for (guint j = 0; j < TUNE_DRBD_N_OPTIONS; j++)
			if (parser->net[j])
				device->values[j] = parser->net[j];
	}
}

static gboolean end_statement(Parser *parser, char mark, GError **error)
{
	if (mark == '{' && !open_section(parser, error))
		return FALSE;
	if (mark == ';')
		parse_statement(parser);
	if (mark == '}') {
		if (!parser->depth || parser->n_words)
			return fail_line(parser, error);
		if (--parser->depth == 0)
			end_resource(parser);
	}
	parser->n_words = 0;
	return TRUE;
}

/* ---- words ---- */

/* The NUL behind the word may overwrite the mark that ended it, so *@ret_mark tells that. */
static gboolean cut_word(Parser *parser, char *ret_mark, GError **error)
{
	gboolean is_quoted = *parser->at == '"';
	char *word = parser->at + is_quoted;
	char *end = word + strcspn(word, is_quoted ? "\"\n" : " \t\n;{}");

	if (parser->n_words == MOST_WORDS || (is_quoted && *end != '"'))
		return fail_line(parser, error);
	parser->words[parser->n_words++] = word;
	*ret_mark = is_quoted ? ' ' : *end;
	parser->at = *end ? end + 1 : end;
	*end = '\0';
	return TRUE;
}

static gboolean parse_next(Parser *parser, GError **error)
{
	parser->at += strspn(parser->at, " \t");
	char mark = *parser->at;
	if (!mark)
		return TRUE;
	if (mark == '#') {
		parser->at += strcspn(parser->at, "\n");
		return TRUE;
	}
	if (strchr("{};\n", mark))
		parser->at++;
	else if (!cut_word(parser, &mark, error))
		return FALSE;
	if (mark && strchr("{};", mark) && !end_statement(parser, mark, error))
		return FALSE;
	parser->line += mark == '\n';
	return TRUE;
}

static gboolean parse_show(TuneDrbd *drbd, char *show, GError **error)
{
	Parser parser = { .drbd = drbd, .at = show, .line = 1 };

	while (*parser.at)
		if (!parse_next(&parser, error))
			return FALSE;
	return (!parser.depth && !parser.n_words) || fail_line(&parser, error);
}

/* ---- /proc/drbd ---- */

static gboolean parse_version(TuneDrbd *drbd, const char *proc, GError **error)
{
	if (!g_str_has_prefix(proc, "version: ") || !g_ascii_isdigit(proc[9]))
		return tune_fail(error, TUNE_ERROR_INVALID,
				 "proc/drbd: does not begin with a version");
	drbd->version = g_strndup(proc + 9, strcspn(proc + 9, " \n"));
	drbd->major = (guint)strtoul(drbd->version, NULL, 10);
	return TRUE;
}

static TuneDrbdDevice *find_minor(const TuneDrbd *drbd, guint minor, guint *hint)
{
	for (; *hint < drbd->devices->len; (*hint)++) {
		TuneDrbdDevice *device = drbd->devices->pdata[*hint];
		if (device->minor >= minor)
			return device->minor == minor ? device : NULL;
	}
	return NULL;
}

/* "cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----" */
static void parse_states(TuneDrbdDevice *device, char *states)
{
	for (char *word = strtok(states, " "); word; word = strtok(NULL, " ")) {
		if (g_str_has_prefix(word, "cs:"))
			device->connection = word + 3;
		else if (g_str_has_prefix(word, "ro:"))
			device->role = word + 3;
		else if (g_str_has_prefix(word, "ds:"))
			device->disk_state = word + 3;
	}
}

/* Both are in the order of minors; other lines are skipped. */
static void parse_proc(TuneDrbd *drbd, char *proc)
{
	guint hint = 0;

	for (char *line = proc, *next; line && *line; line = next) {
		char *end = strchr(line, '\n');
		next = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		char *colon;
		guint64 minor = g_ascii_strtoull(line, &colon, 10);
		if (colon == line || !g_str_has_prefix(colon, ": cs:") || minor > G_MAXUINT)
			continue;
		TuneDrbdDevice *device = find_minor(drbd, (guint)minor, &hint);
		if (device)
			parse_states(device, colon + 2);
	}
}

static gint compare_minors(gconstpointer a, gconstpointer b)
{
	const TuneDrbdDevice *first = *(const TuneDrbdDevice *const *)a;
	const TuneDrbdDevice *second = *(const TuneDrbdDevice *const *)b;

	return first->minor < second->minor ? -1 : first->minor > second->minor;
}

TuneDrbd *tune_drbd_parse(char *proc, char *show, GError **error)
{
	g_autoptr(TuneDrbd) drbd = g_new0(TuneDrbd, 1);

	drbd->devices = g_ptr_array_new_with_free_func(device_free);
	drbd->texts = g_ptr_array_new_with_free_func(g_free);
	if (show)
		g_ptr_array_add(drbd->texts, show);
	if (!proc)
		return g_steal_pointer(&drbd);
	g_ptr_array_add(drbd->texts, proc);
	if (!parse_version(drbd, proc, error) || (show && !parse_show(drbd, show, error)))
		return NULL;
	g_ptr_array_sort(drbd->devices, compare_minors);
	parse_proc(drbd, proc);
	return g_steal_pointer(&drbd);
}
