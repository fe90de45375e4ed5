/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of attributes and sysctls that the table has no row for: what the kernel shows tells their kind. */
#include <string.h>

#include <libtune/tuning/codec.h>

/* The kernel shows a processor mask in groups of 8 hexadecimal digits. */
#define DIGITS_OF_GROUP 8

/**
 * A kind of value.
 *
 * @fits: whether @shown, whose blanks are folded, is of this kind, and @want can be; NULL: nothing is wanted
 * @current: as that of a TuneCodec; what it returns is put back as it is, so the kernel has to take it
 * @resolve: as that of a TuneCodec; the same text for the same value, however it is spelled
 */
typedef struct {
	gboolean (*fits)(const char *shown, const char *want);
	char *(*current)(const char *shown);
	char *(*resolve)(const char *shown, const char *want);
} Kind;

static char *fold(const char *text)
{
	return tune_codec_text.current(text);
}

/* ---- "none [mq-deadline] kyber" ---- */

static guint count_bracketed(const char *shown)
{
	g_auto(GStrv) words = g_strsplit(shown, " ", -1);
	guint n = 0;

	for (char **word = words; *word; word++)
		n += **word == '[' && g_str_has_suffix(*word, "]");
	return n;
}

static gboolean is_choice(const char *shown, const char *want G_GNUC_UNUSED)
{
	return count_bracketed(shown) == 1;
}

static char *get_choice(const char *shown)
{
	return tune_codec_choice.current(shown);
}

/* A list is an order of preference, as in a named choice. */
static char *resolve_choice(const char *shown, const char *want)
{
	g_autofree char *words = g_strdelimit(fold(want), " ", TUNE_PREFERENCE);

	return tune_codec_choice.resolve(shown, words);
}

/* ---- Y and N ---- */

/* The words that kstrtobool() of the kernel takes, and those of YAML. */
static const char *const yes[] = { "1", "y", "yes", "on", "true", NULL };
static const char *const no[] = { "0", "n", "no", "off", "false", NULL };

/* "Y", "N", or NULL where @word is neither. */
static const char *parse_bool(const char *word)
{
	g_autofree char *small = g_ascii_strdown(word, -1);

	if (g_strv_contains(yes, small))
		return "Y";
	return g_strv_contains(no, small) ? "N" : NULL;
}

static gboolean is_bool(const char *shown, const char *want)
{
	gboolean is_letter = strcmp(shown, "Y") == 0 || strcmp(shown, "N") == 0;
	gboolean is_digit = strcmp(shown, "1") == 0 || strcmp(shown, "0") == 0;

	return (is_letter || is_digit) && want && parse_bool(want);
}

static char *resolve_bool(const char *shown, const char *want)
{
	gboolean is_on = g_strcmp0(parse_bool(want), "Y") == 0;

	if (g_ascii_isdigit(*shown))
		return g_strdup(is_on ? "1" : "0");
	return g_strdup(is_on ? "Y" : "N");
}

/* ---- "200000 (system)": md's speed is the system's, until an array has its own, "(local)" ---- */

static gboolean is_own_or_inherited(const char *shown, const char *want G_GNUC_UNUSED)
{
	return g_ascii_isdigit(*shown) &&
	       (g_str_has_suffix(shown, " (system)") || g_str_has_suffix(shown, " (local)"));
}

/* To write "system" is the only way back to the system's value. */
static char *get_own_or_inherited(const char *shown)
{
	if (g_str_has_suffix(shown, " (system)"))
		return g_strdup("system");
	return g_strndup(shown, strcspn(shown, " "));
}

static char *resolve_own_or_inherited(const char *shown, const char *want)
{
	gboolean is_known = strcmp(want, "system") == 0 || !tune_codec_number.check(want);

	return is_known ? tune_codec_number.resolve(shown, want) : NULL;
}

/* ---- "00000000,00000003" ---- */

static gboolean has_form_of_mask(const char *text)
{
	g_auto(GStrv) groups = g_strsplit(text, ",", -1);

	for (guint i = 0; groups[i]; i++) {
		size_t length = strspn(groups[i], "0123456789abcdef");
		if (!length || groups[i][length] || length > DIGITS_OF_GROUP ||
		    (i && length != DIGITS_OF_GROUP))
			return FALSE;
	}
	return *groups != NULL;
}

/* Not a plain number: it is in groups, has a letter, or leading zeros. */
static gboolean is_surely_mask(const char *text)
{
	return text[strspn(text, G_CSET_DIGITS)] || (*text == '0' && text[1]);
}

static const char *skip_prefix(const char *digits)
{
	return g_str_has_prefix(digits, "0x") ? digits + 2 : digits;
}

static gboolean is_mask(const char *shown, const char *want)
{
	const char *digits = want ? skip_prefix(want) : "0";

	if (!has_form_of_mask(shown) || digits[strspn(digits, G_CSET_DIGITS "abcdefABCDEF,")])
		return FALSE;
	return is_surely_mask(shown) || strchr(digits, ',');
}

/* Without leading zeros, and in groups, which the kernel demands of masks of more than 32 processors. */
static char *resolve_mask(const char *shown G_GNUC_UNUSED, const char *want)
{
	g_autofree char *small = g_ascii_strdown(skip_prefix(want), -1);
	g_autoptr(GString) mask = g_string_new(NULL);

	for (const char *c = small; *c; c++)
		if (*c != ',' && (*c != '0' || mask->len))
			g_string_append_c(mask, *c);
	if (!mask->len)
		g_string_append_c(mask, '0');
	for (gssize at = (gssize)mask->len - DIGITS_OF_GROUP; at > 0; at -= DIGITS_OF_GROUP)
		g_string_insert_c(mask, at, ',');
	return g_strdup(mask->str);
}

/* ---- "0x1f" ---- */

static gboolean parse_number(const char *text, gint64 *number)
{
	const char *digits = skip_prefix(text);

	return g_ascii_string_to_signed(digits, digits == text ? 10 : 16, G_MININT64, G_MAXINT64,
					number, NULL);
}

static gboolean is_hexadecimal(const char *shown, const char *want)
{
	gint64 number;

	return g_str_has_prefix(shown, "0x") && parse_number(shown, &number) &&
	       (!want || parse_number(want, &number));
}

static char *resolve_hexadecimal(const char *shown G_GNUC_UNUSED, const char *want)
{
	gint64 number = 0;

	parse_number(want, &number);
	return g_strdup_printf("0x%" G_GINT64_MODIFIER "x", number);
}

/* ---- one number or several ---- */

/*
 * NULL when a word is no number; *@ret_n: how many there are.  A sysctl reads "010" as octal, and refuses "+10", so
 * numbers are written plainly.
 */
static char *format_numbers(const char *text, guint *ret_n)
{
	g_autofree char *folded = fold(text);
	g_auto(GStrv) fields = g_strsplit(folded, " ", -1);
	gint64 number;

	*ret_n = g_strv_length(fields);
	for (char **field = fields; *field; field++) {
		if (!parse_number(*field, &number))
			return NULL;
		g_free(*field);
		*field = g_strdup_printf("%" G_GINT64_FORMAT, number);
	}
	return *ret_n ? g_strjoinv(" ", fields) : NULL;
}

static gboolean is_numbers(const char *shown, const char *want)
{
	guint n;
	g_autofree char *have = format_numbers(shown, &n);
	g_autofree char *should = format_numbers(want ? want : shown, &n);

	return have && should;
}

/* The kernel changes only the first fields when it gets fewer, and so would never show what was wanted. */
static char *resolve_numbers(const char *shown, const char *want)
{
	guint n_shown, n_wanted;
	g_autofree char *should = format_numbers(want, &n_wanted);

	g_free(format_numbers(shown, &n_shown));
	return n_shown == n_wanted ? g_steal_pointer(&should) : NULL;
}

/* ---- text ---- */

static gboolean is_any(const char *shown G_GNUC_UNUSED, const char *want G_GNUC_UNUSED)
{
	return TRUE;
}

static char *resolve_text(const char *shown G_GNUC_UNUSED, const char *want)
{
	return fold(want);
}

/* The first kind that fits counts. */
static const Kind kinds[] = {
	{ is_choice, get_choice, resolve_choice },
	{ is_bool, fold, resolve_bool },
	{ is_own_or_inherited, get_own_or_inherited, resolve_own_or_inherited },
	{ is_mask, fold, resolve_mask },
	{ is_hexadecimal, fold, resolve_hexadecimal },
	{ is_numbers, fold, resolve_numbers },
	{ is_any, fold, resolve_text },
};

static const Kind *find_kind(const char *shown, const char *want)
{
	const Kind *kind = kinds;

	while (!kind->fits(shown, want))
		kind++;
	return kind;
}

static char *get_current(const char *shown)
{
	g_autofree char *folded = fold(shown);

	return find_kind(folded, NULL)->current(folded);
}

static char *resolve(const char *shown, const char *want)
{
	g_autofree char *folded = fold(shown);

	return find_kind(folded, want)->resolve(folded, want);
}

static gboolean is_same(const char *have, const char *should)
{
	const Kind *kind = find_kind(have, should);
	g_autofree char *a = kind->resolve(have, have);
	g_autofree char *b = kind->resolve(have, should);

	return g_strcmp0(a, b) == 0;
}

static const char *check(const char *want)
{
	return tune_codec_text.check(want);
}

/* ---- what cannot be put back ---- */

static const char *find_obstacle(const char *shown)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(shown));
	g_autofree char *folded = fold(shown);
	const char *word = strrchr(folded, '(');
	gboolean has_remark = word && g_str_has_suffix(word, ")") &&
			      !is_own_or_inherited(folded, NULL);

	if (strchr(trimmed, '\n') || count_bracketed(folded) > 1 || has_remark)
		return "shows more than one value, so that the old one could not be put back";
	return NULL;
}

const TuneCodec tune_codec_shown = {
	.name = "as shown",
	.current = get_current,
	.resolve = resolve,
	.equal = is_same,
	.check = check,
	.find_obstacle = find_obstacle,
};
