//! The lists behind the filters of system calls: allowed, refused, fatal.
//!
//! A call may be on the first list and on the second: then only its use with certain arguments is
//! refused, or it is needed until the last filter stands.

use libc::*;

/// What stays inside the process.
#[rustfmt::skip]
pub(super) const ALLOWED: &[i64] = &[
    // Memory.
    SYS_brk, SYS_get_mempolicy, SYS_madvise, SYS_mbind, SYS_membarrier, SYS_mincore, SYS_mmap,
    SYS_mprotect, SYS_mremap, SYS_msync, SYS_munmap, SYS_set_mempolicy,
    // Files: Landlock decides which.
    SYS_close, SYS_close_range, SYS_copy_file_range, SYS_dup, SYS_dup3, SYS_faccessat, SYS_faccessat2,
    SYS_fadvise64, SYS_fallocate, SYS_fchmod, SYS_fcntl, SYS_fdatasync, SYS_flock, SYS_fstat, SYS_fstatfs,
    SYS_fsync, SYS_ftruncate, SYS_getcwd, SYS_getdents64, SYS_ioctl, SYS_lseek, SYS_mkdirat,
    SYS_newfstatat, SYS_openat, SYS_openat2, SYS_pread64, SYS_preadv, SYS_preadv2, SYS_pwrite64,
    SYS_pwritev, SYS_pwritev2, SYS_read, SYS_readahead, SYS_readlinkat, SYS_readv, SYS_renameat,
    SYS_renameat2, SYS_sendfile, SYS_splice, SYS_statfs, SYS_statx, SYS_sync_file_range, SYS_tee,
    SYS_umask, SYS_unlinkat, SYS_write, SYS_writev,
    // Waiting, and pipes within the process.
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2, SYS_pipe2, SYS_ppoll, SYS_pselect6,
    // Threads of this process.
    SYS_clone, SYS_exit, SYS_exit_group, SYS_futex, SYS_getcpu, SYS_gettid, SYS_restart_syscall, SYS_rseq,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_getaffinity, SYS_sched_getparam,
    SYS_sched_getscheduler, SYS_sched_yield, SYS_set_robust_list, SYS_set_tid_address,
    // Clocks.
    SYS_clock_getres, SYS_clock_gettime, SYS_clock_nanosleep, SYS_getitimer, SYS_gettimeofday,
    SYS_nanosleep, SYS_setitimer, SYS_timer_create, SYS_timer_delete, SYS_timer_getoverrun,
    SYS_timer_gettime, SYS_timer_settime, SYS_timerfd_create, SYS_timerfd_gettime, SYS_timerfd_settime,
    SYS_times,
    // Signals to oneself.
    SYS_kill, SYS_rt_sigaction, SYS_rt_sigpending, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_signalfd4, SYS_tgkill,
    // Facts about oneself and the machine.
    SYS_capget, SYS_getegid, SYS_geteuid, SYS_getgid, SYS_getgroups, SYS_getpgid, SYS_getpid, SYS_getppid,
    SYS_getpriority, SYS_getrandom, SYS_getresgid, SYS_getresuid, SYS_getrlimit, SYS_getrusage,
    SYS_getsid, SYS_getuid, SYS_prctl, SYS_prlimit64, SYS_setrlimit, SYS_sysinfo, SYS_uname,
    // Until the last filter stands.
    SYS_seccomp,
    // Only x86-64 has these.
    #[cfg(target_arch = "x86_64")] SYS_access,
    #[cfg(target_arch = "x86_64")] SYS_alarm,
    #[cfg(target_arch = "x86_64")] SYS_arch_prctl,
    #[cfg(target_arch = "x86_64")] SYS_creat,
    #[cfg(target_arch = "x86_64")] SYS_dup2,
    #[cfg(target_arch = "x86_64")] SYS_epoll_create,
    #[cfg(target_arch = "x86_64")] SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")] SYS_eventfd,
    #[cfg(target_arch = "x86_64")] SYS_getdents,
    #[cfg(target_arch = "x86_64")] SYS_getpgrp,
    #[cfg(target_arch = "x86_64")] SYS_lstat,
    #[cfg(target_arch = "x86_64")] SYS_mkdir,
    #[cfg(target_arch = "x86_64")] SYS_open,
    #[cfg(target_arch = "x86_64")] SYS_pause,
    #[cfg(target_arch = "x86_64")] SYS_pipe,
    #[cfg(target_arch = "x86_64")] SYS_poll,
    #[cfg(target_arch = "x86_64")] SYS_readlink,
    #[cfg(target_arch = "x86_64")] SYS_rename,
    #[cfg(target_arch = "x86_64")] SYS_rmdir,
    #[cfg(target_arch = "x86_64")] SYS_select,
    #[cfg(target_arch = "x86_64")] SYS_stat,
    #[cfg(target_arch = "x86_64")] SYS_time,
    #[cfg(target_arch = "x86_64")] SYS_unlink,
];

/// What honest libraries try and can do without.
#[rustfmt::skip]
pub(super) const REFUSED: &[i64] = &[
    // Sockets.
    SYS_accept, SYS_accept4, SYS_bind, SYS_connect, SYS_getpeername, SYS_getsockname, SYS_getsockopt,
    SYS_listen, SYS_recvfrom, SYS_recvmmsg, SYS_recvmsg, SYS_sendmmsg, SYS_sendmsg, SYS_sendto,
    SYS_setsockopt, SYS_shutdown, SYS_socket, SYS_socketpair,
    // Programs, sessions.
    SYS_execve, SYS_execveat, SYS_setpgid, SYS_setsid,
    // Landlock watches neither modes and owners nor, before its third version, truncation by path.
    SYS_chroot, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_fsetxattr, SYS_linkat, SYS_lremovexattr,
    SYS_lsetxattr, SYS_mknodat, SYS_removexattr, SYS_setxattr, SYS_symlinkat, SYS_truncate, SYS_utimensat,
    // Other users.
    SYS_capset, SYS_setgid, SYS_setgroups, SYS_setregid, SYS_setresgid, SYS_setresuid, SYS_setreuid,
    SYS_setuid,
    // Each keeps memory outside the address space, or after the end.
    SYS_memfd_create, SYS_mq_open, SYS_msgget, SYS_semget, SYS_shmat, SYS_shmget,
    // Much kernel code for what no kind needs.
    SYS_fanotify_init, SYS_inotify_init1, SYS_io_setup, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_io_uring_setup, SYS_landlock_add_rule, SYS_landlock_create_ruleset, SYS_landlock_restrict_self,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_personality, SYS_seccomp, SYS_userfaultfd,
    // Other processes.
    SYS_get_robust_list, SYS_kcmp, SYS_migrate_pages, SYS_move_pages, SYS_pidfd_getfd, SYS_pidfd_open,
    SYS_pidfd_send_signal, SYS_process_madvise, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
    SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setscheduler, SYS_setpriority, SYS_tkill,
    // Only x86-64 has these.
    #[cfg(target_arch = "x86_64")] SYS_chmod,
    #[cfg(target_arch = "x86_64")] SYS_chown,
    #[cfg(target_arch = "x86_64")] SYS_fork,
    #[cfg(target_arch = "x86_64")] SYS_inotify_init,
    #[cfg(target_arch = "x86_64")] SYS_lchown,
    #[cfg(target_arch = "x86_64")] SYS_link,
    #[cfg(target_arch = "x86_64")] SYS_mknod,
    #[cfg(target_arch = "x86_64")] SYS_symlink,
    #[cfg(target_arch = "x86_64")] SYS_utime,
    #[cfg(target_arch = "x86_64")] SYS_utimes,
    #[cfg(target_arch = "x86_64")] SYS_vfork,
];

/// What only an intruder calls.
#[rustfmt::skip]
pub(super) const FATAL: &[i64] = &[
    // Looking into processes.
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_ptrace,
    // Mounting, namespaces.
    SYS_fsconfig, SYS_fsmount, SYS_fsopen, SYS_fspick, SYS_mount, SYS_mount_setattr, SYS_move_mount,
    SYS_open_tree, SYS_pivot_root, SYS_setns, SYS_umount2, SYS_unshare,
    // Keys.
    SYS_add_key, SYS_keyctl, SYS_request_key,
    // Code and counters in the kernel.
    SYS_bpf, SYS_delete_module, SYS_finit_module, SYS_init_module, SYS_kexec_load, SYS_perf_event_open,
    // The machine.
    SYS_acct, SYS_adjtimex, SYS_clock_adjtime, SYS_clock_settime, SYS_quotactl, SYS_reboot,
    SYS_setdomainname, SYS_sethostname, SYS_settimeofday, SYS_swapoff, SYS_swapon, SYS_syslog,
    SYS_vhangup,
    // Only x86-64 has these.
    #[cfg(target_arch = "x86_64")] SYS_ioperm,
    #[cfg(target_arch = "x86_64")] SYS_iopl,
    #[cfg(target_arch = "x86_64")] SYS_kexec_file_load,
];

/// `F_SETOWN`, `F_SETSIG` and `F_SETOWN_EX` of `<fcntl.h>`, the last two of which libc does not name.
pub(super) const REFUSED_FCNTL: &[u64] = &[8, 10, 15];

/// Asking for a terminal, for waiting bytes, and the two ways to say what `fcntl` also says.
pub(super) const ALLOWED_IOCTL: &[u64] = &[TCGETS, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX];

/// Naming threads and memory, reading harmless facts; `NO_NEW_PRIVS` is set again with every filter.
pub(super) const ALLOWED_PRCTL: &[u64] = &[
    PR_SET_NAME.unsigned_abs() as u64,
    PR_GET_NAME.unsigned_abs() as u64,
    PR_SET_VMA.unsigned_abs() as u64,
    PR_GET_DUMPABLE.unsigned_abs() as u64,
    PR_SET_NO_NEW_PRIVS.unsigned_abs() as u64,
    PR_GET_NO_NEW_PRIVS.unsigned_abs() as u64,
    PR_CAPBSET_READ.unsigned_abs() as u64,
    PR_SET_TIMERSLACK.unsigned_abs() as u64,
];
