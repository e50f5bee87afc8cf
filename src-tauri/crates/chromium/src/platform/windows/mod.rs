//! Windows: a pipe on two inherited handles, and a job object.
//!
//! The job ends all of a browser's processes when its last handle closes. We hold the only one, and no child can
//! inherit it, so the kernel closes it when we end, however that happens.
//!
//! A browser is started suspended, put into its job, and only then let run: it cannot start a process outside of the job.
//! Should we be killed between the two, a process is left that never ran an instruction; it is found by its command line
//! at the next start.
//!
//! The standard library starts a process with all handles that are inheritable at that moment (a list of handles needs
//! `spawn_with_attributes`, which is unstable). So the browser's ends of the pipe become inheritable just before the
//! start, and are closed just after it; browsers are started one at a time, by one thread. Another program started in
//! that very moment by another thread would hold them too, and the browser would not see its pipe close before that
//! program ends; the job does not depend on it.

mod job;
mod pipe;

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

use tokio::process::{Child, Command};
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::Threading::{
    CREATE_SUSPENDED, OpenProcess, OpenThread, PROCESS_TERMINATE, ResumeThread,
    THREAD_SUSPEND_RESUME, TerminateProcess,
};

use super::DebugPipe;
use job::Job;
use pipe::BrowserEnds;

/// What a killed process ends with.
const KILLED: u32 = 1;

/// A browser that is about to be started. It owns the browser's ends of the debugging pipe.
pub(crate) struct Launch {
    command: Command,
    ends: BrowserEnds,
}

impl Launch {
    /// Gives the command its ends of a new debugging pipe.
    pub(crate) fn prepare(mut command: Command) -> io::Result<(Self, DebugPipe)> {
        let (pipe, ends) = pipe::open()?;
        command
            .arg(ends.argument()?)
            .creation_flags(CREATE_SUSPENDED)
            // A failure below leaves nothing.
            .kill_on_drop(true);
        Ok((Self { command, ends }, pipe))
    }

    /// Starts it, in a job of its own. Our copies of the browser's ends are closed after the start: else the pipe would
    /// never close.
    pub(crate) fn spawn(self) -> io::Result<(Child, Group)> {
        let Self { mut command, ends } = self;
        let job = Job::new()?;
        ends.let_be_inherited()?;
        let spawned = command.spawn();
        drop(ends);
        let child = spawned?;
        let ended = || io::Error::other("the process ended at once");
        let process = child.raw_handle().ok_or_else(ended)?;
        // SAFETY: the handle is the child's own, and the child lives on beyond the borrow.
        job.take_in(unsafe { BorrowedHandle::borrow_raw(process) })?;
        resume(child.id().ok_or_else(ended)?)?;
        Ok((child, Group { job }))
    }
}

/// The processes of one browser. They die when it is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    job: Job,
}

impl Group {
    /// Kills them all.
    pub(crate) fn kill(&self) {
        self.job.end(KILLED);
    }

    /// Those that live.
    pub(crate) fn members(&self) -> Vec<u32> {
        self.job.members()
    }
}

/// Kills one process.
pub(crate) fn signal_kill(process: u32) {
    // SAFETY: the call takes no pointer.
    let handle = unsafe { OpenProcess(PROCESS_TERMINATE, 0, process) };
    if let Ok(process) = owned(handle) {
        // SAFETY: the handle is open until the end of the block, with the right that is asked for.
        unsafe { TerminateProcess(process.as_raw_handle(), KILLED) };
    }
}

/// Lets a process run that was started suspended. It has one thread; its handle is not to be had from the standard
/// library.
fn resume(process: u32) -> io::Result<()> {
    // SAFETY: the call takes no pointer.
    let snapshot = owned(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) })?;
    let mut entry = THREADENTRY32 {
        dwSize: u32::try_from(size_of::<THREADENTRY32>()).map_err(io::Error::other)?,
        ..THREADENTRY32::default()
    };
    // SAFETY: the snapshot is open, and the entry is valid and says how long it is.
    let mut more = unsafe { Thread32First(snapshot.as_raw_handle(), &raw mut entry) };
    while more != 0 {
        if entry.th32OwnerProcessID == process {
            // SAFETY: the call takes no pointer.
            let thread =
                owned(unsafe { OpenThread(THREAD_SUSPEND_RESUME, 0, entry.th32ThreadID) })?;
            // SAFETY: the handle is open, with the right that is asked for.
            if unsafe { ResumeThread(thread.as_raw_handle()) } == u32::MAX {
                return Err(io::Error::last_os_error());
            }
            return Ok(());
        }
        // SAFETY: as above.
        more = unsafe { Thread32Next(snapshot.as_raw_handle(), &raw mut entry) };
    }
    Err(io::Error::other("the process has no thread"))
}

/// Takes over what a call of the system returned.
fn owned(handle: RawHandle) -> io::Result<OwnedHandle> {
    if ptr::eq(handle, ptr::null()) || ptr::eq(handle, INVALID_HANDLE_VALUE) {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the callers pass on what they got from a call that gives a new handle to its caller or an error.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

#[cfg(test)]
mod tests;
