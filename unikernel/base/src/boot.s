# From the hypervisor's hands (PVH: 32 bits, flat, no paging) to Rust in long mode.

.section .note.pvh, "a", @note
.balign 4
.long 4
.long 4
.long 18                        # XEN_ELFNOTE_PHYS32_ENTRY
.asciz "Xen"
.long start32

.section .text.boot, "ax", @progbits
.code32
.globl start32
start32:
  cli
  cld
  movl $__stack_top, %esp
  movl %ebx, %edi               # struct hvm_start_info

  # The first 4 GiB one to one, in pages of 2 MiB. Rust makes them strict before anything from outside is read.
  movl $boot_p3 + 3, boot_p4
  movl $boot_p2 + 3, %eax
  movl $boot_p3, %edx
  movl $4, %ecx
1: movl %eax, (%edx)
  addl $4096, %eax
  addl $8, %edx
  loop 1b
  movl $0x83, %eax
  movl $boot_p2, %edx
  movl $2048, %ecx
2: movl %eax, (%edx)
  addl $0x200000, %eax
  addl $8, %edx
  loop 2b

  movl $0x620, %eax             # CR4: PAE, OSFXSR, OSXMMEXCPT
  movl %eax, %cr4
  movl $boot_p4, %eax
  movl %eax, %cr3
  movl $0xc0000080, %ecx        # EFER: LME and NXE; SCE stays off, nothing here makes system calls
  rdmsr
  orl $0x900, %eax
  wrmsr
  movl $0x80010023, %eax        # CR0: PG, WP, NE, MP, PE
  movl %eax, %cr0
  lgdt boot_gdt_pointer
  ljmp $8, $start64

.code64
start64:
  xorl %eax, %eax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movw %ax, %fs
  movw %ax, %gs
  movq $__stack_top, %rsp
  fninit
  ldmxcsr boot_mxcsr
  movl %edi, %edi
  xorl %ebp, %ebp
  call kmain
3: cli
  hlt
  jmp 3b

# Interrupts only wake the main loop. They use no vector register and a stack of their own, since compiled code keeps data below its stack pointer.
.macro wake name, flag
.globl \name
\name:
  push %rax
  movb $1, \flag
  movl $0xfee000b0, %eax        # APIC: end of interrupt
  movl $0, (%rax)
  pop %rax
  iretq
.endm
wake wake_timer, woken
wake wake_device, woken
.globl wake_spurious
wake_spurious:
  iretq

# Faults never return. Each leaves its number and the processor's error code for the record.
.macro fault number
fault_\number:
  pushq $0
  pushq $\number
  jmp fault_common
.endm
.macro fault_with_code number
fault_\number:
  pushq $\number
  jmp fault_common
.endm
fault 0
fault 1
fault 2
fault 3
fault 4
fault 5
fault 6
fault 7
fault_with_code 8
fault 9
fault_with_code 10
fault_with_code 11
fault_with_code 12
fault_with_code 13
fault_with_code 14
fault 15
fault 16
fault_with_code 17
fault 18
fault 19
fault 20
fault_with_code 21
fault_common:
  cld
  movq (%rsp), %rdi
  movq 8(%rsp), %rsi
  movq 16(%rsp), %rdx
  movq 40(%rsp), %rcx
  andq $-16, %rsp
  call fault_record
4: hlt
  jmp 4b

.section .rodata
.balign 8
boot_mxcsr: .long 0x1f80
boot_gdt_pointer:
  .word 23
  .long boot_gdt
.balign 8
boot_gdt:
  .quad 0
  .quad 0x00209b0000000000      # code, 64 bits
  .quad 0x0000930000000000      # data
.globl fault_table
.balign 8
fault_table:
  .quad fault_0, fault_1, fault_2, fault_3, fault_4, fault_5, fault_6, fault_7, fault_8, fault_9, fault_10
  .quad fault_11, fault_12, fault_13, fault_14, fault_15, fault_16, fault_17, fault_18, fault_19, fault_20, fault_21

.section .bss
.balign 4096
.globl boot_p4
boot_p4: .skip 4096
boot_p3: .skip 4096
.globl boot_p2
boot_p2: .skip 16384
.globl woken
woken: .skip 8
