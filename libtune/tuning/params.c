/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/text.h>
#include <libtune/tuning/params.h>

#define KSM_DOC "Documentation/admin-guide/mm/ksm.rst"
#define THP_DOC "Documentation/admin-guide/mm/transhuge.rst"
#define QUEUE_DOC "Documentation/ABI/stable/sysfs-block"
#define DEADLINE_DOC "Documentation/block/deadline-iosched.rst"
#define KYBER_DOC "Documentation/block/kyber-iosched.rst"
#define BFQ_DOC "Documentation/block/bfq-iosched.rst"
#define VM_DOC "Documentation/admin-guide/sysctl/vm.rst"
#define KERNEL_DOC "Documentation/admin-guide/sysctl/kernel.rst"
#define DRBD_DOC "drbdsetup(8) of DRBD 8.4"
#define CPU_DOC "Documentation/ABI/testing/sysfs-devices-system-cpu"
#define ZSWAP_DOC "Documentation/admin-guide/mm/zswap.rst"
#define NET_DOC "Documentation/admin-guide/sysctl/net.rst"
#define IP_DOC "Documentation/networking/ip-sysctl.rst"
#define LINK_DOC "Documentation/ABI/testing/sysfs-class-net"
#define ETHTOOL_DOC "ethtool(8), Documentation/networking/netdev-features.rst"

#define ONOFF "on|off"
#define COUNT "0..2147483647"
#define BYTES "1..9223372036854775807"

/* clang-format off */
/*                                           name          base                     bare   dots   backend                objects */
const TuneSection tune_section_sysctl =     { "sysctl",    "proc/sys/",             TRUE,  TRUE,  &tune_backend_file,    TUNE_OBJECT_HOST };
const TuneSection tune_section_thp =        { "transparent_hugepage",
					      "sys/kernel/mm/transparent_hugepage/", FALSE, FALSE, &tune_backend_file,    TUNE_OBJECT_HOST };
const TuneSection tune_section_ksm =        { "ksm",       "sys/kernel/mm/ksm/",    FALSE, FALSE, &tune_backend_file,    TUNE_OBJECT_HOST };
const TuneSection tune_section_disks =      { "disk",      "sys/block/{}/queue/",   FALSE, FALSE, &tune_backend_file,    TUNE_OBJECT_DISK };
const TuneSection tune_section_links =      { "link",      "sys/class/net/{}/",     FALSE, FALSE, &tune_backend_link,    TUNE_OBJECT_LINK };
const TuneSection tune_section_ethtool =    { "ethtool",   "ethtool/{}/",           FALSE, FALSE, &tune_backend_ethtool, TUNE_OBJECT_LINK };
const TuneSection tune_section_drbd =       { "drbd",      "drbd/{}/",              FALSE, FALSE, &tune_backend_drbd,    TUNE_OBJECT_MINOR };
const TuneSection tune_section_attributes = { "attribute", "",                      TRUE,  FALSE, &tune_backend_file,    TUNE_OBJECT_HOST };

/*
 * THE TABLE.  Its order is the order of writes, because the kernel resets some values when others are
 * written: a new scheduler brings its own nr_requests, iosched/ and wbt_lat_usec; max_sectors_kb
 * rewrites read_ahead_kb; a new KSM advisor rewrites pages_to_scan.  `after` names what resets a row,
 * with "=VALUE" where the row exists only at that value.
 */
#define SYSCTL &tune_section_sysctl
#define THP    &tune_section_thp
#define KSM    &tune_section_ksm
#define DISK   &tune_section_disks
#define LINK   &tune_section_links
#define ETHT   &tune_section_ethtool
#define DRBD   &tune_section_drbd
#define ATTR   &tune_section_attributes
#define SHOWN  &tune_codec_shown
#define NUMBER &tune_codec_number
#define LEAST  &tune_codec_at_least
#define VECTOR &tune_codec_vector
#define JIFFY  &tune_codec_jiffies
#define CHOICE &tune_codec_choice
#define SWITCH &tune_codec_switch
#define RING   &tune_codec_ring
static const TuneParam params[] = {
/*	section key                               compare domain    after        pair                          risk                  summary, source */
	{ SYSCTL, "vm.dirty_background_bytes",    NUMBER, BYTES,    NULL, "vm.dirty_background_ratio", TUNE_RISK_SAFE,
	  "Bytes of dirty page cache at which writing back starts", VM_DOC },
	{ SYSCTL, "vm.dirty_background_ratio",    NUMBER, "0..100", NULL, "vm.dirty_background_bytes", TUNE_RISK_SAFE,
	  "The same in percent of the available memory", VM_DOC },
	{ SYSCTL, "vm.dirty_bytes",               NUMBER, "8192..9223372036854775807", NULL, "vm.dirty_ratio", TUNE_RISK_LATENCY,
	  "Bytes of dirty page cache at which writers have to wait", VM_DOC },
	{ SYSCTL, "vm.dirty_ratio",               NUMBER, "0..100", NULL, "vm.dirty_bytes",            TUNE_RISK_LATENCY,
	  "The same in percent of the available memory", VM_DOC },
	{ SYSCTL, "vm.dirty_expire_centisecs",    NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_SAFE,
	  "Age at which dirty page cache is written back", VM_DOC },
	{ SYSCTL, "vm.dirty_writeback_centisecs", NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_SAFE,
	  "How often the kernel looks for old dirty page cache", VM_DOC },
	{ SYSCTL, "vm.swappiness",                NUMBER, "0..200", NULL, NULL,                        TUNE_RISK_SAFE,
	  "Preference for swapping guests over dropping page cache", VM_DOC },
	{ SYSCTL, "vm.min_free_kbytes",           LEAST,  COUNT,    NULL, NULL,                        TUNE_RISK_MEMORY,
	  "Memory kept free for allocations that cannot wait", VM_DOC },
	{ SYSCTL, "vm.watermark_scale_factor",    NUMBER, "1..3000", NULL, NULL,                       TUNE_RISK_MEMORY,
	  "How early memory is freed in the background, in 1/10000 of all", VM_DOC },
	{ SYSCTL, "kernel.numa_balancing",        NUMBER, "0..3",   NULL, NULL,                        TUNE_RISK_LATENCY,
	  "Move memory to the processors that use it; 0 where guests are pinned", KERNEL_DOC },
	{ SYSCTL, "net.core.rmem_max",            LEAST,  COUNT,    NULL, NULL,                        TUNE_RISK_MEMORY,
	  "Largest receive buffer a program may ask for", NET_DOC },
	{ SYSCTL, "net.core.wmem_max",            LEAST,  COUNT,    NULL, NULL,                        TUNE_RISK_MEMORY,
	  "Largest send buffer a program may ask for", NET_DOC },
	{ SYSCTL, "net.core.netdev_max_backlog",  LEAST,  COUNT,    NULL, NULL,                        TUNE_RISK_SAFE,
	  "Packets that may wait for a processor; raise when softnet_stat counts drops", NET_DOC },
	{ SYSCTL, "net.ipv4.tcp_rmem",            VECTOR, NULL,     NULL, NULL,                        TUNE_RISK_MEMORY,
	  "TCP receive buffer: least, at the start, most", IP_DOC },
	{ SYSCTL, "net.ipv4.tcp_wmem",            VECTOR, NULL,     NULL, NULL,                        TUNE_RISK_MEMORY,
	  "TCP send buffer: least, at the start, most", IP_DOC },
	{ SYSCTL, "net.ipv4.tcp_slow_start_after_idle", NUMBER, "0..1", NULL, NULL,                    TUNE_RISK_SAFE,
	  "Forget the speed of an idle connection; 0 keeps a quiet DRBD link fast", IP_DOC },
	{ SYSCTL, "*",                            SHOWN,  NULL,     NULL, NULL,                        TUNE_RISK_UNKNOWN,
	  "Any other sysctl, by its name", "sysctl(8)" },

	{ THP, "enabled",                         CHOICE, "always|madvise|never", NULL, NULL,          TUNE_RISK_LATENCY,
	  "Huge pages for all memory, for what asks (QEMU does), or for none", THP_DOC },
	{ THP, "defrag",                          CHOICE, "always|defer|defer+madvise|madvise|never", NULL, NULL, TUNE_RISK_LATENCY,
	  "Who waits while memory is compacted for a huge page", THP_DOC },
	{ THP, "shmem_enabled",                   CHOICE, "always|within_size|advise|never|deny|force", NULL, NULL, TUNE_RISK_LATENCY,
	  "Huge pages for shared memory", THP_DOC },
	{ THP, "use_zero_page",                   NUMBER, "0..1",   NULL, NULL,                        TUNE_RISK_SAFE,
	  "One huge zero page for reads of untouched memory", THP_DOC },

	{ KSM, "advisor_mode",                    CHOICE, "none|scan-time", NULL, NULL,                TUNE_RISK_CPU,
	  "Let the kernel choose pages_to_scan for a wanted scan time (Linux 6.8)", KSM_DOC },
	{ KSM, "advisor_target_scan_time",        NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_CPU,
	  "Seconds in which the advisor wants all memory scanned once", KSM_DOC },
	{ KSM, "advisor_max_cpu",                 NUMBER, "0..100", NULL, NULL,                        TUNE_RISK_CPU,
	  "Percent of one processor that the advisor may spend", KSM_DOC },
	{ KSM, "advisor_min_pages_to_scan",       NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_CPU,
	  "Fewest pages per turn that the advisor chooses", KSM_DOC },
	{ KSM, "advisor_max_pages_to_scan",       NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_CPU,
	  "Most pages per turn that the advisor chooses", KSM_DOC },
	{ KSM, "pages_to_scan",                   NUMBER, COUNT,    "advisor_mode", NULL,              TUNE_RISK_CPU,
	  "Pages scanned per turn; not to be set while the advisor does", KSM_DOC },
	{ KSM, "sleep_millisecs",                 NUMBER, COUNT,    NULL, NULL,                        TUNE_RISK_CPU,
	  "Pause between turns", KSM_DOC },
	{ KSM, "smart_scan",                      NUMBER, "0..1",   NULL, NULL,                        TUNE_RISK_SAFE,
	  "Skip pages that did not merge last time (Linux 6.7)", KSM_DOC },
	{ KSM, "use_zero_pages",                  NUMBER, "0..1",   NULL, NULL,                        TUNE_RISK_SAFE,
	  "Merge empty pages with the kernel's zero page", KSM_DOC },
	{ KSM, "stable_node_chains_prune_millisecs", NUMBER, COUNT, NULL, NULL,                        TUNE_RISK_SAFE,
	  "How often much-shared pages are checked for stale copies", KSM_DOC },
	{ KSM, "max_page_sharing",                NUMBER, "2..2147483647", NULL, NULL,                 TUNE_RISK_LATENCY,
	  "Sites that may share one page; only while nothing is merged", KSM_DOC },
	{ KSM, "merge_across_nodes",              NUMBER, "0..1",   NULL, NULL,                        TUNE_RISK_LATENCY,
	  "Merge pages of different NUMA nodes; only while nothing is merged", KSM_DOC },
	{ KSM, "run",                             NUMBER, "0..2",   NULL, NULL,                        TUNE_RISK_SIDE_CHANNEL,
	  "Merge equal pages of guests: 0 stop, 1 run, 2 stop and unmerge", KSM_DOC },

	{ DISK, "scheduler",                      CHOICE, NULL,     NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "I/O scheduler", QUEUE_DOC },
	{ DISK, "nr_requests",                    NUMBER, COUNT,    "scheduler", NULL,                 TUNE_RISK_LATENCY,
	  "Requests that may wait in the queue", QUEUE_DOC },
	{ DISK, "async_depth",                    NUMBER, COUNT,    "scheduler", NULL,                 TUNE_RISK_LATENCY,
	  "Asynchronous requests that may wait in the queue (newest kernels)", QUEUE_DOC },
	{ DISK, "iosched/read_expire",            JIFFY,  COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: milliseconds in which a read should start", DEADLINE_DOC },
	{ DISK, "iosched/write_expire",           JIFFY,  COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: milliseconds in which a write should start", DEADLINE_DOC },
	{ DISK, "iosched/front_merges",           NUMBER, "0..1",   "scheduler=mq-deadline", NULL,                 TUNE_RISK_SAFE,
	  "mq-deadline: look for requests that end where one begins", DEADLINE_DOC },
	{ DISK, "iosched/writes_starved",         NUMBER, COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: read batches before a write batch", DEADLINE_DOC },
	{ DISK, "iosched/fifo_batch",             NUMBER, COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: requests in a batch", DEADLINE_DOC },
	{ DISK, "iosched/prio_aging_expire",      JIFFY,  COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: milliseconds after which low priorities are served", DEADLINE_DOC },
	{ DISK, "iosched/async_depth",            NUMBER, COUNT,    "scheduler=mq-deadline", NULL,                 TUNE_RISK_LATENCY,
	  "mq-deadline: asynchronous requests that may be allocated", DEADLINE_DOC },
	{ DISK, "iosched/read_lat_nsec",          NUMBER, BYTES,    "scheduler=kyber", NULL,                 TUNE_RISK_LATENCY,
	  "kyber: wanted latency of reads", KYBER_DOC },
	{ DISK, "iosched/write_lat_nsec",         NUMBER, BYTES,    "scheduler=kyber", NULL,                 TUNE_RISK_LATENCY,
	  "kyber: wanted latency of writes", KYBER_DOC },
	{ DISK, "iosched/low_latency",            NUMBER, "0..1",   "scheduler=bfq", NULL,                 TUNE_RISK_LATENCY,
	  "bfq: favour interactive and soft real-time programs", BFQ_DOC },
	{ DISK, "iosched/slice_idle",             NUMBER, COUNT,    "scheduler=bfq", NULL,                 TUNE_RISK_LATENCY,
	  "bfq: milliseconds to wait for the next request of the same queue", BFQ_DOC },
	{ DISK, "iosched/*",                      SHOWN,  NULL,     "scheduler", NULL,                 TUNE_RISK_UNKNOWN,
	  "Any other attribute of the scheduler, by its name", QUEUE_DOC },
	{ DISK, "rotational",                     NUMBER, "0..1",   NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Whether the kernel takes it for a disk that spins", QUEUE_DOC },
	{ DISK, "max_sectors_kb",                 NUMBER, COUNT,    NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Largest request", QUEUE_DOC },
	{ DISK, "wbt_lat_usec",                   NUMBER, COUNT,    "scheduler", NULL,                 TUNE_RISK_LATENCY,
	  "Hold back buffered writes when reads take longer; 0 never", QUEUE_DOC },
	{ DISK, "rq_affinity",                    NUMBER, "0..2",   NULL,        NULL,                 TUNE_RISK_SAFE,
	  "Complete on the processor (2) or processor group (1) that asked", QUEUE_DOC },
	{ DISK, "add_random",                     NUMBER, "0..1",   NULL,        NULL,                 TUNE_RISK_SAFE,
	  "Feed the entropy pool", QUEUE_DOC },
	{ DISK, "nomerges",                       NUMBER, "0..2",   NULL,        NULL,                 TUNE_RISK_SAFE,
	  "Do not look for requests to merge", QUEUE_DOC },
	{ DISK, "iostats",                        NUMBER, "0..1",   NULL,        NULL,                 TUNE_RISK_SAFE,
	  "Count requests for iostat", QUEUE_DOC },
	{ DISK, "io_timeout",                     NUMBER, BYTES,    NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Milliseconds until a request is given up", QUEUE_DOC },
	{ DISK, "discard_max_bytes",              NUMBER, "0..9223372036854775807", NULL, NULL,        TUNE_RISK_LATENCY,
	  "Largest discard", QUEUE_DOC },
	{ DISK, "read_ahead_kb",                  NUMBER, COUNT,    "max_sectors_kb", NULL,            TUNE_RISK_SAFE,
	  "Read ahead of sequential readers", QUEUE_DOC },

	{ LINK, "mtu",                            NUMBER, "1..65535",  NULL,     NULL,                 TUNE_RISK_LATENCY,
	  "Largest packet; that of the replication network is only changed along with all peers", LINK_DOC },
	{ LINK, "tx_queue_len",                   NUMBER, COUNT,    NULL,        NULL,                 TUNE_RISK_SAFE,
	  "Packets that may wait to be sent", LINK_DOC },
	{ ETHT, "feature/rx",                     SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card checks checksums of what it receives", ETHTOOL_DOC },
	{ ETHT, "feature/tx",                     SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card computes checksums of what it sends; tso needs it", ETHTOOL_DOC },
	{ ETHT, "feature/sg",                     SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card takes a packet in pieces; tso and gso need it", ETHTOOL_DOC },
	{ ETHT, "feature/tso",                    SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card cuts large pieces of TCP into packets", ETHTOOL_DOC },
	{ ETHT, "feature/gso",                    SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "Large pieces stay whole until just before the card", ETHTOOL_DOC },
	{ ETHT, "feature/gro",                    SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "What is received is put together to large pieces, and can be cut again", ETHTOOL_DOC },
	{ ETHT, "feature/lro",                    SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "The same by the card, for good: must be off where packets are passed on", ETHTOOL_DOC },
	{ ETHT, "feature/rxvlan",                 SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card takes VLAN tags off", ETHTOOL_DOC },
	{ ETHT, "feature/txvlan",                 SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card puts VLAN tags on", ETHTOOL_DOC },
	{ ETHT, "feature/ntuple",                 SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card sorts streams into queues by filters", ETHTOOL_DOC },
	{ ETHT, "feature/rxhash",                 SWITCH, ONOFF,    NULL,        NULL,                 TUNE_RISK_CPU,
	  "The card computes a hash of each stream", ETHTOOL_DOC },
	{ ETHT, "feature/*",                      SWITCH, ONOFF,    "feature/*", NULL,                 TUNE_RISK_UNKNOWN,
	  "Any other feature, by the kernel's name; one may take others along", ETHTOOL_DOC },
	{ ETHT, "ring/rx",                        RING,   NULL,     NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Packets that the card may have received and nobody taken yet", ETHTOOL_DOC },
	{ ETHT, "ring/rx-mini",                   RING,   NULL,     NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "The same of small packets", ETHTOOL_DOC },
	{ ETHT, "ring/rx-jumbo",                  RING,   NULL,     NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "The same of large packets", ETHTOOL_DOC },
	{ ETHT, "ring/tx",                        RING,   NULL,     NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Packets that may wait at the card to be sent", ETHTOOL_DOC },

	/* Ranges are those of drbdsetup help; rates are in KiB/s, as Ganeti's disk parameters are. */
	{ DRBD, "net/max-buffers",                NUMBER, "32..131072", NULL,    NULL,                 TUNE_RISK_MEMORY,
	  "Pages for data on its way to the disk; a resync gets 20 KiB/s for each", DRBD_DOC },
	{ DRBD, "net/max-epoch-size",             NUMBER, "1..20000", NULL,      NULL,                 TUNE_RISK_SAFE,
	  "Most writes between two barriers", DRBD_DOC },
	{ DRBD, "net/sndbuf-size",                NUMBER, "0..10485760", NULL,   NULL,                 TUNE_RISK_MEMORY,
	  "Bytes of TCP send buffer, from the next connect on; 0 leaves it to the kernel", DRBD_DOC },
	{ DRBD, "net/rcvbuf-size",                NUMBER, "0..10485760", NULL,   NULL,                 TUNE_RISK_MEMORY,
	  "Bytes of TCP receive buffer, from the next connect on; 0 leaves it to the kernel", DRBD_DOC },
	{ DRBD, "disk/al-extents",                NUMBER, "67..65534", NULL,     NULL,                 TUNE_RISK_LATENCY,
	  "4 MiB areas that may be written to without a note first; all are resynced after a crash", DRBD_DOC },
	{ DRBD, "disk/c-plan-ahead",              NUMBER, "0..300", NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Tenths of a second the resync controller looks ahead; 0: resync-rate holds, and no c-*", DRBD_DOC },
	{ DRBD, "disk/c-fill-target",             NUMBER, "0..1048576", NULL,    NULL,                 TUNE_RISK_LATENCY,
	  "Sectors of resync data kept on their way; 0: c-delay-target holds", DRBD_DOC },
	{ DRBD, "disk/c-delay-target",            NUMBER, "1..100", NULL,        NULL,                 TUNE_RISK_LATENCY,
	  "Tenths of a second a resync request may take; only while c-fill-target is 0", DRBD_DOC },
	{ DRBD, "disk/c-min-rate",                NUMBER, "0..4194304", NULL,    NULL,                 TUNE_RISK_LATENCY,
	  "KiB/s a resync gets even while guests write; 0 never holds it back", DRBD_DOC },
	{ DRBD, "disk/c-max-rate",                NUMBER, "250..4194304", NULL,  NULL,                 TUNE_RISK_LATENCY,
	  "KiB/s a resync never exceeds, while the controller is on", DRBD_DOC },
	{ DRBD, "disk/resync-rate",               NUMBER, "1..4194304", NULL,    NULL,                 TUNE_RISK_LATENCY,
	  "KiB/s of a resync while c-plan-ahead is 0; no more than where it starts otherwise", DRBD_DOC },
	{ DRBD, "disk/disk-barrier",              CHOICE, "yes|no", NULL,        NULL,                 TUNE_RISK_UNKNOWN,
	  "Order writes by barriers; no needs a non-volatile cache", DRBD_DOC },
	{ DRBD, "disk/disk-flushes",              CHOICE, "yes|no", NULL,        NULL,                 TUNE_RISK_UNKNOWN,
	  "Flush the disk's cache between epochs; no needs a non-volatile cache", DRBD_DOC },
	{ DRBD, "disk/md-flushes",                CHOICE, "yes|no", NULL,        NULL,                 TUNE_RISK_UNKNOWN,
	  "Flush the disk's cache after meta data; no needs a non-volatile cache", DRBD_DOC },

	{ ATTR, "sys/devices/system/cpu/smt/control", SHOWN, NULL, NULL,     NULL,                 TUNE_RISK_CPU,
	  "Two threads on each core (on), or one (off), so that no two guests share a core", CPU_DOC },
	{ ATTR, "sys/module/zswap/parameters/enabled", SHOWN, NULL, NULL,    NULL,                 TUNE_RISK_CPU,
	  "Compress in memory what is to be swapped", ZSWAP_DOC },
	{ ATTR, "*",                              SHOWN,  NULL,     NULL,        NULL,                 TUNE_RISK_UNKNOWN,
	  "Any other attribute of the kernel, by its path", "the kernel's documentation of it" },
};
/* clang-format on */

const TuneParam *tune_params(guint *n_params)
{
	*n_params = G_N_ELEMENTS(params);
	return params;
}

gboolean tune_param_is_mtu(const TuneParam *param)
{
	return param->section == &tune_section_links && strcmp(param->key, "mtu") == 0;
}

gboolean tune_param_is_wildcard(const TuneParam *param)
{
	return g_str_has_suffix(param->key, "*");
}

const TuneSection *tune_section_find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(params); i++)
		if (strcmp(params[i].section->name, name) == 0)
			return params[i].section;
	return NULL;
}

gboolean tune_param_get_after(const TuneParam *param, char **ret_key, const char **ret_value)
{
	if (!param->after)
		return FALSE;
	const char *equals = strchr(param->after, '=');
	*ret_key = equals ? g_strndup(param->after, (gsize)(equals - param->after))
			  : g_strdup(param->after);
	*ret_value = equals ? equals + 1 : NULL;
	return TRUE;
}

/*
 * As sysctl(8): when the first separator is a dot, dots and slashes are exchanged; when it is a slash, dots are a part of
 * names ("net/ipv4/conf/eth0.100/rp_filter").
 */
static char *replace_dots(const char *key)
{
	char *path = g_strdup(key);
	const char *separator = strpbrk(key, "./");

	if (!separator || *separator == '/')
		return path;
	for (char *c = path; *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return path;
}

static gboolean is_same_key(const TuneParam *param, const char *key)
{
	if (!param->section->dots)
		return strcmp(param->key, key) == 0;
	g_autofree char *own = replace_dots(param->key);
	g_autofree char *asked = replace_dots(key);
	return strcmp(own, asked) == 0;
}

static gboolean matches_key(const TuneParam *param, const char *key)
{
	return is_same_key(param, key) || (tune_param_is_wildcard(param) &&
					   strncmp(param->key, key, strlen(param->key) - 1) == 0);
}

const TuneParam *tune_param_find(const TuneSection *section, const char *key)
{
	/* A row with a "*" comes after the other rows of its kind, so the first match is the best. */
	for (guint i = 0; i < G_N_ELEMENTS(params); i++)
		if (params[i].section == section && matches_key(&params[i], key))
			return &params[i];
	return NULL;
}

const TuneParam *tune_param_find_nearest(const TuneSection *section, const char *key)
{
	guint best = 3;
	const TuneParam *nearest = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(params); i++) {
		if (params[i].section != section || tune_param_is_wildcard(&params[i]))
			continue;
		guint distance = tune_edit_distance(params[i].key, key);
		if (distance < best) {
			best = distance;
			nearest = &params[i];
		}
	}
	return nearest;
}

char *tune_section_format_name(const TuneSection *section, const char *key)
{
	return section->bare ? g_strdup(key) : g_strconcat(section->name, ".", key, NULL);
}

char *tune_section_format_path(const TuneSection *section, const char *key, const char *object)
{
	g_autofree char *path = section->dots ? replace_dots(key) : g_strdup(key);
	const char *hole = strstr(section->base, "{}");

	if (!hole || !object)
		return g_strconcat(section->base, path, NULL);
	return g_strdup_printf("%.*s%s%s%s", (int)(hole - section->base), section->base, object,
			       hole + 2, path);
}

char *tune_param_name(const TuneParam *param)
{
	return tune_section_format_name(param->section, param->key);
}

char *tune_param_path(const TuneParam *param)
{
	return tune_section_format_path(param->section, param->key, NULL);
}

const char *tune_param_compares(const TuneParam *param)
{
	return param->codec->name;
}

const char *tune_risk_name(TuneRisk risk)
{
	static const char *const names[] = {
		[TUNE_RISK_SAFE] = "safe",
		[TUNE_RISK_LATENCY] = "latency",
		[TUNE_RISK_CPU] = "cpu",
		[TUNE_RISK_MEMORY] = "memory",
		[TUNE_RISK_SIDE_CHANNEL] = "side-channel",
		[TUNE_RISK_UNKNOWN] = "unknown",
	};

	return (guint)risk < G_N_ELEMENTS(names) ? names[risk] : "unknown";
}
