/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of interfaces that sysfs shows, and rtnetlink sets: rtnetlink tells why the kernel refuses ("mtu greater
 * than device maximum").  Below another root than the running host's they are files.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <libtune/tuning/backend.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

/* clang-format off */
static const struct {
	const char *name;
	guint16 attribute;
} attributes[] = {
	{ "mtu",          IFLA_MTU },
	{ "tx_queue_len", IFLA_TXQLEN },
};
/* clang-format on */

static guint16 find_attribute(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
		if (strcmp(attributes[i].name, name) == 0)
			return attributes[i].attribute;
	return 0;
}

static struct mnl_socket *open_socket(GError **error)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		tune_fail_errno(error, "rtnetlink");
		if (socket)
			mnl_socket_close(socket);
		return NULL;
	}
	/* Kernels before 4.12 send no message. */
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &(int){ 1 }, sizeof(int));
	return socket;
}

static int read_message(const struct nlattr *attribute, void *data)
{
	const char **ret_message = data;

	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG)
		*ret_message = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

/* After the error code of a refusal come the header of the refused request, unless it is capped, and attributes. */
static gboolean check_answer(const struct nlmsghdr *answer, const char *path, GError **error)
{
	const struct nlmsgerr *result = mnl_nlmsg_get_payload(answer);
	const char *message = NULL;

	if (answer->nlmsg_type != NLMSG_ERROR)
		return tune_fail(error, TUNE_ERROR_IO, "%s: rtnetlink gave no answer", path);
	if (result->error == 0)
		return TRUE;
	if (answer->nlmsg_flags & NLM_F_ACK_TLVS) {
		unsigned int offset = sizeof(*result);
		if (!(answer->nlmsg_flags & NLM_F_CAPPED))
			offset += mnl_nlmsg_get_payload_len(answer) > offset
					  ? result->msg.nlmsg_len - (guint)sizeof(result->msg)
					  : 0;
		mnl_attr_parse(answer, offset, read_message, &message);
	}
	g_autofree char *what = message ? g_strdup_printf("%s: %s", path, message) : g_strdup(path);
	errno = -result->error;
	return tune_fail_errno(error, what);
}

static gboolean send_request(struct nlmsghdr *question, const char *path, GError **error)
{
	struct mnl_socket *socket = open_socket(error);
	char answer[8192] __attribute__((aligned(8)));

	if (!socket)
		return FALSE;
	gboolean good = mnl_socket_sendto(socket, question, question->nlmsg_len) >= 0;
	ssize_t n = good ? mnl_socket_recvfrom(socket, answer, sizeof(answer)) : -1;
	if (n < 0)
		good = tune_fail_errno(error, path);
	else if (!mnl_nlmsg_ok((const void *)answer, (int)n))
		good = tune_fail(error, TUNE_ERROR_IO, "%s: rtnetlink gave no answer", path);
	else
		good = check_answer((const void *)answer, path, error);
	mnl_socket_close(socket);
	return good;
}

static gboolean set_attribute(const char *link, guint16 attribute, guint32 number, const char *path,
			      GError **error)
{
	char buffer[256] __attribute__((aligned(8)));
	struct nlmsghdr *question = mnl_nlmsg_put_header(buffer);

	question->nlmsg_type = RTM_NEWLINK;
	question->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(question, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)if_nametoindex(link);
	if (!info->ifi_index)
		return tune_fail_errno(error, path);
	mnl_attr_put_u32(question, attribute, number);
	return send_request(question, path, error);
}

/* @path: .../LINK/ATTRIBUTE */
static gboolean write_value(TuneFacts *facts, const char *path, const char *value, GError **error)
{
	TuneRoot *root = tune_facts_get_root(facts);
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *link = g_path_get_basename(directory);
	g_autofree char *name = g_path_get_basename(path);
	guint16 attribute = find_attribute(name);
	guint64 number;

	if (!attribute || !tune_root_is_running(root))
		return tune_root_write(root, path, value, error);
	if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT32, &number, NULL))
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: '%s' is not a number", path,
				 value);
	return set_attribute(link, attribute, (guint32)number, path, error);
}

const TuneBackend tune_backend_link = {
	.read = tune_backend_read_file,
	.write = write_value,
};
