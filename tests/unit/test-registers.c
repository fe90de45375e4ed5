/* SPDX-License-Identifier: BSD-2-Clause */
/* Control registers in the text of QEMU's monitor, and malformed texts. */
#include <libtune/qemu/registers.h>

#include "tests/unit/check.h"

/* As QEMU 7.2 writes it, of a vCPU in long mode. */
#define CPU(number) "\r\nCPU#" number "\r\nRAX=0000000000000000 RBX=ffff888003a7c000\r\n"
#define CONTROL(cr4)                                                                               \
	"CR0=80050033 CR2=00007f1e5c0d4000 CR3=0000000003f2c005 CR4=" cr4 "\r\n"                   \
	"DR0=0000000000000000 DR1=0000000000000000 DR2=0000000000000000 DR3=0000000000000000 \r\n" \
	"DR6=00000000ffff0ff0 DR7=0000000000000400\r\n"
#define EFER(efer) "EFER=" efer "\r\nFCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80\r\n"
#define LINUX CONTROL("00372ef0") EFER("0000000000000d01")

typedef struct {
	const char *name;
	const char *text;
	guint n_cpus;
	gboolean is_good;
	guint64 cr4;
	guint64 efer;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "one vCPU", CPU("0") LINUX, 1, TRUE, 0x372ef0, 0xd01 },
	{ "any of two", CPU("0") CONTROL("000006f0") EFER("0000000000000d01") CPU("1") CONTROL("00002000") EFER("0000000000001000"),
	  2, TRUE, 0x26f0, 0x1d01 },
	{ "numbers with a gap", CPU("0") LINUX CPU("7") LINUX, 2, TRUE, 0x372ef0, 0xd01 },
	{ "newlines alone", "CPU#0\nCR0=0 CR4=1\nEFER=2\n", 1, TRUE, 1, 2 },
	{ "nothing", "", 0, FALSE, 0, 0 },
	{ "nothing of one", "", 1, FALSE, 0, 0 },
	{ "too few", CPU("0") LINUX, 2, FALSE, 0, 0 },
	{ "too many", CPU("0") LINUX CPU("1") LINUX, 1, FALSE, 0, 0 },
	{ "one of them twice", CPU("0") LINUX CPU("0") LINUX, 2, FALSE, 0, 0 },
	{ "the first without CR4", CPU("0") EFER("0000000000000d01") CPU("1") LINUX, 2, FALSE, 0, 0 },
	{ "the last without EFER", CPU("0") LINUX CPU("1") CONTROL("000006f0"), 2, FALSE, 0, 0 },
	{ "CR4 twice", CPU("0") CONTROL("00000000") LINUX, 1, FALSE, 0, 0 },
	{ "EFER twice", CPU("0") LINUX EFER("0000000000000000"), 1, FALSE, 0, 0 },
	{ "before any vCPU", LINUX CPU("0") LINUX, 1, FALSE, 0, 0 },
	{ "no CR4 in its line", CPU("0") "CR0=0 CR2=0\r\n" EFER("0"), 1, FALSE, 0, 0 },
	{ "no digits", CPU("0") CONTROL("") EFER("0"), 1, FALSE, 0, 0 },
	{ "a sign", CPU("0") CONTROL("-1") EFER("0"), 1, FALSE, 0, 0 },
	{ "a prefix", CPU("0") CONTROL("0x20") EFER("0"), 1, FALSE, 0, 0 },
	{ "too long", CPU("0") CONTROL("00000000000000001") EFER("0"), 1, FALSE, 0, 0 },
	{ "no number of a vCPU", CPU("a") LINUX, 1, FALSE, 0, 0 },
	{ "too large a number", CPU("99999999999") LINUX, 1, FALSE, 0, 0 },
	{ "unknown command", "unknown command: 'info registers'\r\n", 1, FALSE, 0, 0 },
};
/* clang-format on */

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		TuneRegisters registers = { 0, 0 };
		gboolean is_good = tune_registers_parse(rows[i].text, rows[i].n_cpus, &registers);
		g_autofree char *found = g_strdup_printf("%d %#" G_GINT64_MODIFIER
							 "x %#" G_GINT64_MODIFIER "x",
							 is_good, registers.cr4, registers.efer);
		g_autofree char *expected = g_strdup_printf(
			"%d %#" G_GINT64_MODIFIER "x %#" G_GINT64_MODIFIER "x", rows[i].is_good,
			rows[i].cr4, rows[i].efer);
		CHECK_TEXT(found, expected);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "rows", test_rows },
		{ NULL, NULL },
	};

	return check_main("registers", checks);
}
