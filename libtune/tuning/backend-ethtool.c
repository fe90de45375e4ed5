/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offload features and rings of an interface: ethtool/LINK/feature/NAME and ethtool/LINK/ring/NAME.
 * On the running host the kernel is asked (ioctl, Linux 2.6.39); below another root these paths are files.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>

#include <libtune/tuning/backend.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

#define PREFIX "ethtool/"
#define FEATURE "feature/"
#define FIXED " [fixed]"
#define OF " of "

/**
 * The names of ethtool(8), and the features of the kernel that each stands for; any other name is the kernel's own.
 * Source: ethtool(8), "-K"; net/ethtool/common.c, netdev_features_strings.
 */
/* clang-format off */
static const struct {
	const char *name;
	const char *pattern;
} groups[] = {
	{ "rx",     "rx-checksum" },
	{ "tx",     "tx-checksum-*" },
	{ "sg",     "tx-scatter-gather*" },
	{ "tso",    "tx-tcp*-segmentation" },
	{ "gso",    "tx-generic-segmentation" },
	{ "gro",    "rx-gro" },
	{ "lro",    "rx-lro" },
	{ "rxvlan", "rx-vlan-hw-parse" },
	{ "txvlan", "tx-vlan-hw-insert" },
	{ "ntuple", "rx-ntuple-filter" },
	{ "rxhash", "rx-hashing" },
};

/* Of struct ethtool_ringparam. */
static const struct {
	const char *name;
	size_t have;
	size_t most;
} rings[] = {
	{ "rx",       offsetof(struct ethtool_ringparam, rx_pending),
		      offsetof(struct ethtool_ringparam, rx_max_pending) },
	{ "rx-mini",  offsetof(struct ethtool_ringparam, rx_mini_pending),
		      offsetof(struct ethtool_ringparam, rx_mini_max_pending) },
	{ "rx-jumbo", offsetof(struct ethtool_ringparam, rx_jumbo_pending),
		      offsetof(struct ethtool_ringparam, rx_jumbo_max_pending) },
	{ "tx",       offsetof(struct ethtool_ringparam, tx_pending),
		      offsetof(struct ethtool_ringparam, tx_max_pending) },
};
/* clang-format on */

static const char *find_pattern(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
		if (strcmp(groups[i].name, name) == 0)
			return groups[i].pattern;
	return name;
}

gboolean tune_feature_is_group(const char *key)
{
	const char *name = key + strlen(FEATURE);

	return g_str_has_prefix(key, FEATURE) && find_pattern(name) != name;
}

/* ---- paths ---- */

/* @kind: "feature" or "ring"; FALSE when @path is of another kind */
static gboolean split_path(const char *path, const char *kind, char **ret_link,
			   const char **ret_name)
{
	const char *link = path + strlen(PREFIX);
	const char *slash = g_str_has_prefix(path, PREFIX) ? strchr(link, '/') : NULL;
	size_t length = strlen(kind);

	if (!slash || strncmp(slash + 1, kind, length) != 0 || slash[1 + length] != '/')
		return FALSE;
	*ret_link = g_strndup(link, (gsize)(slash - link));
	*ret_name = slash + length + 2;
	return TRUE;
}

/* ---- the kernel ---- */

/* @request: one of the structures of linux/ethtool.h; each begins with a command */
static gboolean call_ethtool(const char *link, void *request, GError **error)
{
	g_auto(filedesc) fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq what = { .ifr_data = request };

	if (fd < 0 || g_strlcpy(what.ifr_name, link, IFNAMSIZ) >= IFNAMSIZ) {
		errno = fd < 0 ? errno : ENODEV;
		return tune_fail_errno(error, link);
	}
	return ioctl(fd, SIOCETHTOOL, &what) >= 0 || tune_fail_errno(error, link);
}

static guint32 count_features(const char *link, GError **error)
{
	g_autofree struct ethtool_sset_info *request = g_malloc0(sizeof(*request) +
								 sizeof(request->data[0]));

	request->cmd = ETHTOOL_GSSET_INFO;
	request->sset_mask = 1u << ETH_SS_FEATURES;
	return call_ethtool(link, request, error) ? request->data[0] : 0;
}

/**
 * @names: of all features, in the order of their bits, each ETH_GSTRING_LEN bytes
 * @state: n_blocks of 32 bits each
 */
typedef struct {
	guint32 length;
	struct ethtool_gstrings *names;
	struct ethtool_gfeatures *state;
} Features;

static void features_free(Features *features)
{
	g_free(features->names);
	g_free(features->state);
	g_free(features);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Features, features_free)

static guint32 count_blocks(guint32 length)
{
	return (length + 31) / 32;
}

static Features *load_features(const char *link, GError **error)
{
	g_autoptr(Features) features = g_new0(Features, 1);
	guint32 length = count_features(link, error), blocks = count_blocks(length);

	if (!length)
		return NULL;
	features->length = length;
	features->names = g_malloc0(sizeof(*features->names) + length * ETH_GSTRING_LEN);
	features->names->cmd = ETHTOOL_GSTRINGS;
	features->names->string_set = ETH_SS_FEATURES;
	features->names->len = length;
	features->state = g_malloc0(sizeof(*features->state) +
				    blocks * sizeof(struct ethtool_get_features_block));
	features->state->cmd = ETHTOOL_GFEATURES;
	features->state->size = blocks;
	if (!call_ethtool(link, features->names, error) ||
	    !call_ethtool(link, features->state, error))
		return NULL;
	return g_steal_pointer(&features);
}

static char *get_name(const Features *features, guint32 bit)
{
	return g_strndup((const char *)features->names->data + bit * ETH_GSTRING_LEN,
			 ETH_GSTRING_LEN);
}

static gboolean has_bit(guint32 word, guint32 bit)
{
	return (word >> bit % 32) & 1;
}

static gboolean is_changeable(const Features *features, guint32 bit)
{
	const struct ethtool_get_features_block *block = &features->state->features[bit / 32];

	return has_bit(block->available, bit) && !has_bit(block->never_changed, bit);
}

static gboolean matches_name(const Features *features, guint32 bit, const char *pattern)
{
	g_autofree char *name = get_name(features, bit);

	return *name && g_pattern_match_simple(pattern, name);
}

/* As in ethtool(8), a group is on when one of its features is. */
static char *get_feature(const char *link, const char *name, const char *path, GError **error)
{
	g_autoptr(Features) features = load_features(link, error);
	gboolean is_known = FALSE, is_on = FALSE, is_fixed = TRUE;

	if (!features)
		return NULL;
	for (guint32 bit = 0; bit < features->length; bit++) {
		if (!matches_name(features, bit, find_pattern(name)))
			continue;
		is_known = TRUE;
		is_on = is_on || has_bit(features->state->features[bit / 32].active, bit);
		is_fixed = is_fixed && !is_changeable(features, bit);
	}
	if (!is_known)
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s: no such feature", path);
	return g_strconcat(is_on ? "on" : "off", is_fixed ? FIXED : NULL, NULL);
}

static gboolean set_feature(const char *link, const char *name, gboolean is_on, GError **error)
{
	g_autoptr(Features) features = load_features(link, error);

	if (!features)
		return FALSE;
	guint32 blocks = count_blocks(features->length);
	g_autofree struct ethtool_sfeatures *request = g_malloc0(
		sizeof(*request) + blocks * sizeof(struct ethtool_set_features_block));
	request->cmd = ETHTOOL_SFEATURES;
	request->size = blocks;
	for (guint32 bit = 0; bit < features->length; bit++) {
		if (!is_changeable(features, bit) ||
		    !matches_name(features, bit, find_pattern(name)))
			continue;
		request->features[bit / 32].valid |= 1u << bit % 32;
		request->features[bit / 32].requested |= (guint32)is_on << bit % 32;
	}
	return call_ethtool(link, request, error);
}

static guint32 *get_field(struct ethtool_ringparam *ring, size_t offset)
{
	return (guint32 *)(void *)((char *)ring + offset);
}

/* The index of a ring; -1 with an error.  A driver without rings answers EOPNOTSUPP: they are absent. */
static int get_ring(const char *link, const char *name, struct ethtool_ringparam *ring,
		    const char *path, GError **error)
{
	g_autoptr(GError) local = NULL;

	*ring = (struct ethtool_ringparam){ .cmd = ETHTOOL_GRINGPARAM };
	if (!call_ethtool(link, ring, &local)) {
		gboolean has_none = g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED);
		tune_fail(error, has_none ? TUNE_ERROR_ABSENT : (TuneErrorCode)local->code, "%s",
			  local->message);
		return -1;
	}
	for (guint i = 0; i < G_N_ELEMENTS(rings); i++)
		if (strcmp(rings[i].name, name) == 0 && *get_field(ring, rings[i].most) > 0)
			return (int)i;
	tune_fail(error, TUNE_ERROR_ABSENT, "%s: no such ring", path);
	return -1;
}

static char *format_ring(const char *link, const char *name, const char *path, GError **error)
{
	struct ethtool_ringparam ring;
	int i = get_ring(link, name, &ring, path, error);

	return i < 0 ? NULL
		     : g_strdup_printf("%u" OF "%u", *get_field(&ring, rings[i].have),
				       *get_field(&ring, rings[i].most));
}

static gboolean set_ring(const char *link, const char *name, guint32 number, const char *path,
			 GError **error)
{
	struct ethtool_ringparam ring;
	int i = get_ring(link, name, &ring, path, error);

	if (i < 0)
		return FALSE;
	*get_field(&ring, rings[i].have) = number;
	ring.cmd = ETHTOOL_SRINGPARAM;
	return call_ethtool(link, &ring, error);
}

/* ---- files below another root ---- */

static GPtrArray *glob_feature(TuneRoot *root, const char *link, const char *name)
{
	g_autofree char *pattern = g_strdup_printf(PREFIX "%s/feature/%s", link,
						   find_pattern(name));

	return tune_root_glob(root, pattern);
}

static char *read_feature_files(TuneRoot *root, const char *link, const char *name,
				const char *path, GError **error)
{
	g_autoptr(GPtrArray) files = glob_feature(root, link, name);
	gboolean is_on = FALSE, is_fixed = TRUE;

	for (guint i = 0; i < files->len; i++) {
		g_autofree char *shown = tune_root_read_attribute(root, files->pdata[i], error);
		if (!shown)
			return NULL;
		is_on = is_on || g_str_has_prefix(shown, "on");
		is_fixed = is_fixed && g_str_has_suffix(shown, FIXED);
	}
	if (!files->len)
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s: no such feature", path);
	return g_strconcat(is_on ? "on" : "off", is_fixed ? FIXED : NULL, NULL);
}

static gboolean write_feature_files(TuneRoot *root, const char *link, const char *name,
				    const char *value, GError **error)
{
	g_autoptr(GPtrArray) files = glob_feature(root, link, name);

	for (guint i = 0; i < files->len; i++) {
		g_autofree char *shown = tune_root_read_attribute(root, files->pdata[i], error);
		if (!shown || (!g_str_has_suffix(shown, FIXED) &&
			       !tune_root_write(root, files->pdata[i], value, error)))
			return FALSE;
	}
	return TRUE;
}

static gboolean write_ring_file(TuneRoot *root, const char *path, const char *value, GError **error)
{
	g_autofree char *shown = tune_root_read_attribute(root, path, error);
	const char *of = shown ? strstr(shown, OF) : NULL;
	g_autofree char *text = g_strconcat(value, of, NULL);

	return shown && tune_root_write(root, path, text, error);
}

/* ---- both ---- */

static char *read_value(TuneFacts *facts, const char *path, GError **error)
{
	TuneRoot *root = tune_facts_get_root(facts);
	g_autofree char *link = NULL;
	const char *name;
	gboolean is_running = tune_root_is_running(root);

	if (split_path(path, "feature", &link, &name))
		return is_running ? get_feature(link, name, path, error)
				  : read_feature_files(root, link, name, path, error);
	if (split_path(path, "ring", &link, &name))
		return is_running ? format_ring(link, name, path, error)
				  : tune_root_read_attribute(root, path, error);
	return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s: not known", path);
}

static gboolean write_value(TuneFacts *facts, const char *path, const char *value, GError **error)
{
	TuneRoot *root = tune_facts_get_root(facts);
	g_autofree char *link = NULL;
	const char *name;
	gboolean is_running = tune_root_is_running(root);

	if (split_path(path, "feature", &link, &name))
		return is_running ? set_feature(link, name, strcmp(value, "on") == 0, error)
				  : write_feature_files(root, link, name, value, error);
	if (split_path(path, "ring", &link, &name))
		return is_running ? set_ring(link, name, (guint32)atoll(value), path, error)
				  : write_ring_file(root, path, value, error);
	return tune_fail(error, TUNE_ERROR_ABSENT, "%s: not known", path);
}

/* Only features that can be changed: a write to one may change others. */
static GPtrArray *list_values(TuneFacts *facts, const char *pattern)
{
	TuneRoot *root = tune_facts_get_root(facts);
	g_autofree char *link = NULL;
	const char *name;

	if (!tune_root_is_running(root) || !split_path(pattern, "feature", &link, &name))
		return tune_root_glob(root, pattern);
	g_autoptr(Features) features = load_features(link, NULL);
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	for (guint32 bit = 0; features && bit < features->length; bit++) {
		g_autofree char *feature = get_name(features, bit);
		if (*feature && is_changeable(features, bit))
			g_ptr_array_add(paths,
					g_strdup_printf(PREFIX "%s/feature/%s", link, feature));
	}
	return paths;
}

const TuneBackend tune_backend_ethtool = {
	.read = read_value,
	.write = write_value,
	.list = list_values,
};
