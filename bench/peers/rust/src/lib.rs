//! What the Rust programs of the comparison share: as work.hpp says.
use std::time::Instant;

pub struct Work {
    pub url: String,
    pub host: String,
    pub port: u16,
    pub path: String,
    pub kind: String,
    pub tls: bool,
    pub count: usize,
    pub size: usize,
    pub ca: Option<String>,
}

impl Work {
    pub fn from_arguments() -> Work {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [base, kind, count, size] = &arguments[..4] else {
            panic!("URL WORK COUNT SIZE [CA]")
        };
        let (scheme, address) = base.split_once("://").unwrap();
        let (host, port) = address.split_once(':').unwrap();
        let path = if kind.starts_with("receive") {
            let form = if kind.ends_with("-text") { "text" } else { "binary" };
            format!("/flood/{count}/{size}/{form}")
        } else if kind == "echo" || kind == "connect" {
            format!("/echo/{size}")
        } else {
            "/sink".to_string()
        };
        Work {
            url: format!("{base}{path}"),
            host: host.to_string(),
            port: port.parse().unwrap(),
            path,
            kind: kind.clone(),
            tls: scheme == "wss",
            count: count.parse().unwrap(),
            size: size.parse().unwrap(),
            ca: arguments.get(4).cloned(),
        }
    }
    pub fn floods(&self) -> bool {
        self.kind.starts_with("receive")
    }
    pub fn receives(&self) -> bool {
        self.floods() || self.kind == "echo"
    }
    pub fn sends(&self) -> bool {
        self.kind.starts_with("send") || self.kind == "echo" || self.batches()
    }
    pub fn batches(&self) -> bool {
        self.kind == "batch"
    }
    pub fn connects(&self) -> bool {
        self.kind == "connect"
    }
    pub fn is_text(&self) -> bool {
        self.kind.ends_with("-text")
    }
}

fn cpu_seconds() -> f64 {
    let mut usage = unsafe { std::mem::zeroed::<libc::rusage>() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + 1e-6 * time.tv_usec as f64;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

pub struct Meter {
    began: Instant,
    cpu: f64,
}

impl Meter {
    pub fn start() -> Meter {
        Meter { began: Instant::now(), cpu: cpu_seconds() }
    }
    pub fn report(&self, work: &Work, peer: &str, received: usize) -> ! {
        let (cpu, seconds) = (cpu_seconds() - self.cpu, self.began.elapsed().as_secs_f64());
        assert_eq!(received, if work.receives() { work.count * work.size } else { 0 });
        let lock = include_str!("../Cargo.lock");
        let version = lock.split(&format!("name = \"{peer}\"\nversion = \"")).nth(1).unwrap();
        let version = version.split('"').next().unwrap();
        println!("{{\"peer\": \"{peer}\", \"version\": \"{version}\", \"seconds\": {seconds:.9}, \"cpu\": {cpu:.9}}}");
        std::process::exit(0);
    }
}
