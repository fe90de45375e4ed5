/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For /etc/ld.so.preload of a node: KVM as on an older CPU, without LAHF and SAHF in 64-bit mode.
 * Built with -DHANGS: KVM that never says what it supports.
 */
#include <dlfcn.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LEAF 0x80000001
#define LAHF_LM 0x1u

static void mask(struct kvm_cpuid2 *list)
{
	for (unsigned int i = 0; i < list->nent; i++)
		if (list->entries[i].function == LEAF)
			list->entries[i].ecx &= ~LAHF_LM;
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
#ifdef HANGS
	while ((unsigned int)request == KVM_GET_SUPPORTED_CPUID)
		pause();
#endif
	int result = next(fd, request, argument);
	/* QEMU passes an int. */
	if (result == 0 && (unsigned int)request == KVM_GET_SUPPORTED_CPUID)
		mask(argument);
	return result;
}
