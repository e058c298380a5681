//! The machine: start, ticks, allocator, output and exit. All unsafe code is here.

#![allow(unsafe_code, reason = "hardware access without an operating system is unsafe")]

#[cfg(feature = "alloc")]
use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
#[cfg(feature = "alloc")]
use core::cell::UnsafeCell;
use core::fmt;
use core::panic::PanicInfo;
#[cfg(feature = "alloc")]
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use opero::time::Clock;

// The vector table of ARMv7-M: the stack, the reset handler, 13 faults, and the system timer. The reset handler first turns on
// the floating point unit (CPACR, ARMv7-M B3.2.20).
global_asm!(
    ".section .vectors, \"a\"",
    ".word stack_end",
    ".word reset",
    ".rept 13",
    ".word fault",
    ".endr",
    ".word tick",
    ".section .text.reset, \"ax\"",
    ".global reset",
    ".type reset, %function",
    ".thumb_func",
    "reset:",
    "ldr r0, =0xE000ED88",
    "ldr r1, [r0]",
    "orr r1, r1, #(0xF << 20)",
    "str r1, [r0]",
    "dsb",
    "isb",
    "bl start",
    ".ltorg",
);

unsafe extern "Rust" {
    /// Runs the program. Returns whether it succeeded.
    safe fn run() -> bool;
}

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    Ticks::start();
    exit(run());
}

#[unsafe(no_mangle)]
extern "C" fn fault() -> ! {
    print(format_args!("a fault of the processor\n"));
    exit(false);
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    print(format_args!("{info}\n"));
    exit(false);
}

static TICKS: AtomicU32 = AtomicU32::new(0);

#[unsafe(no_mangle)]
extern "C" fn tick() {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

/// Milliseconds, counted by the interrupt of the system timer.
#[derive(Debug, Clone, Copy)]
pub struct Ticks;

impl Ticks {
    fn start() {
        // SysTick, ARMv7-M B3.3: enabled, with interrupts, from the processor clock at 25 MHz.
        const RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
        const CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
        // SAFETY: every ARMv7-M has these registers, and nothing else uses them.
        unsafe {
            RELOAD.write_volatile(25_000 - 1);
            CONTROL.write_volatile(0b111);
        }
    }
}

impl Clock for Ticks {
    fn now(&self) -> Duration {
        Duration::from_millis(TICKS.load(Ordering::Relaxed).into())
    }

    /// Sleeps until the next interrupt.
    fn sleep(&self, pause: Duration) {
        let end = self.now() + pause;
        while self.now() < end {
            // SAFETY: `wfi` accesses no memory. After an interrupt just before it, it waits for the next tick.
            unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
        }
    }
}

/// An allocator that never frees. Errors keep their list in it, and the program is short.
#[cfg(feature = "alloc")]
struct Once {
    block: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

#[cfg(feature = "alloc")]
const SIZE: usize = 64 * 1024;

// SAFETY: `used` gives every byte of the block to one allocation only.
#[cfg(feature = "alloc")]
unsafe impl Sync for Once {}

#[cfg(feature = "alloc")]
#[global_allocator]
static MEMORY: Once = Once { block: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

// SAFETY: each allocation is inside the block, is aligned, and is made once.
#[cfg(feature = "alloc")]
unsafe impl GlobalAlloc for Once {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.block.get().cast::<u8>();
        let place = |used: usize| (base as usize + used).next_multiple_of(layout.align()) - base as usize;
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            place(used).checked_add(layout.size()).filter(|end| *end <= SIZE)
        });
        match taken {
            // SAFETY: the end of the allocation is inside the block.
            Ok(used) => unsafe { base.add(place(used)) },
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

/// A call to the debugger or emulator (Arm, Semihosting for AArch32 and AArch64).
fn semihosting(operation: u32, argument: usize) {
    // SAFETY: the two operations below read at most the byte at the pointer, and return the answer in r0.
    unsafe { asm!("bkpt 0xAB", inout("r0") operation => _, in("r1") argument, options(nostack)) };
}

/// Prints on the console of the emulator.
pub fn print(text: fmt::Arguments<'_>) {
    struct Console;

    impl fmt::Write for Console {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            const WRITE_CHARACTER: u32 = 0x03;
            for byte in text.bytes() {
                semihosting(WRITE_CHARACTER, &raw const byte as usize);
            }
            Ok(())
        }
    }

    // Writing to the console does not fail.
    let _ = fmt::Write::write_fmt(&mut Console, text);
}

/// Ends the emulator, with status 0 or 1.
fn exit(is_well: bool) -> ! {
    const EXIT: u32 = 0x18;
    const APPLICATION_EXIT: usize = 0x2_0026;
    const RUN_TIME_ERROR: usize = 0x2_0023;
    semihosting(EXIT, if is_well { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    loop {
        core::hint::spin_loop();
    }
}
