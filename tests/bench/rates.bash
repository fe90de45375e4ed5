# What measures of throughput share.

median()
{
	sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# report DIRECTORY WHAT: its files on, bridge and ports, as far as there, of Gb/s; medians, and how much is left.
report()
{
	local row on
	on=$(median "$1/on")
	for row in "on:$2, all offloads on (default)" "bridge:the wiki's offloads off, on the bridge" \
		"ports:the wiki's offloads off, on its ports"; do
		[ -e "$1/${row%%:*}" ] || continue
		awk -v name="${row#*:}" -v on="$on" -v value="$(median "$1/${row%%:*}")" 'BEGIN {
			printf "%-58s %8.2f Gb/s (ratio %.2f)\n", name, value, value / on
		}'
	done
}
