/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For LD_PRELOAD of a QEMU: KVM that takes all MSRs but one, $REFUSE_MSR (hexadecimal), from when the file
 * $REFUSE_FROM is there.  So does the KVM of a node that has fewer counters than the guest was born with.
 */
#include <dlfcn.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int is_refusing(void)
{
	const char *from = getenv("REFUSE_FROM");

	return from && access(from, F_OK) == 0;
}

/* How many come before the one that is refused: KVM stops there, and says so. */
static unsigned int count_taken(const struct kvm_msrs *list)
{
	unsigned long msr = strtoul(getenv("REFUSE_MSR"), NULL, 16);
	unsigned int i = 0;

	while (i < list->nmsrs && list->entries[i].index != msr)
		i++;
	return i;
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, void *argument);
	va_list arguments;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "ioctl");
	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	/* QEMU passes an int. */
	if ((unsigned int)request != KVM_SET_MSRS || !is_refusing())
		return next(fd, request, argument);
	struct kvm_msrs *list = argument;
	unsigned int n_msrs = list->nmsrs;
	list->nmsrs = count_taken(list);
	int n_taken = list->nmsrs ? next(fd, request, list) : 0;
	list->nmsrs = n_msrs;
	return n_taken;
}
