//! tungstenite: blocking, its writes buffered for a batch.
use peers::{Meter, Work};
use std::io::{Read, Write};
use std::net::TcpStream;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{client::client_with_config, Message, WebSocket};

fn open<S: Read + Write>(work: &Work, stream: S) -> WebSocket<S> {
    let config = WebSocketConfig::default().max_message_size(Some(64 << 20)).max_frame_size(Some(64 << 20));
    client_with_config(work.url.as_str(), stream, Some(config)).map_err(|_| "refused").unwrap().0
}

fn close<S: Read + Write>(mut ws: WebSocket<S>) {
    ws.close(None).unwrap();
    while ws.read().is_ok() {}
}

fn run<S: Read + Write>(work: &Work, connect: impl Fn() -> S) -> ! {
    if work.connects() {
        let meter = Meter::start();
        for _ in 0..work.count {
            close(open(work, connect()));
        }
        meter.report(work, "tungstenite", 0);
    }
    let mut ws = open(work, connect());
    let bytes = bytes::Bytes::from(vec![b'm'; work.size]);
    let text = tungstenite::Utf8Bytes::from("m".repeat(work.size));
    let message = || if work.is_text() { Message::Text(text.clone()) } else { Message::Binary(bytes.clone()) };
    let mut received = 0;
    let meter = Meter::start();
    for _ in 0..work.count {
        if work.batches() {
            ws.write(message()).unwrap();
        } else if work.sends() {
            ws.send(message()).unwrap();
        }
        if work.receives() {
            received += ws.read().unwrap().len();
        }
    }
    if work.batches() {
        ws.flush().unwrap();
    }
    meter.report(work, "tungstenite", received)
}

fn main() {
    let work = Work::from_arguments();
    let tcp = || {
        let stream = TcpStream::connect((work.host.as_str(), work.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    };
    if work.tls {
        let pem = std::fs::read(work.ca.as_ref().unwrap()).unwrap();
        let connector = native_tls::TlsConnector::builder()
            .add_root_certificate(native_tls::Certificate::from_pem(&pem).unwrap())
            .build()
            .unwrap();
        run(&work, || connector.connect(&work.host, tcp()).unwrap())
    } else {
        run(&work, tcp)
    }
}
