//! A plain proxy: each connection goes to the next node that takes it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::net::{TcpListener, TcpStream};

/// Where all nodes are reached.
pub struct Proxy {
    /// Such as `http://127.0.0.1:40123`.
    pub url: String,
    nodes: Mutex<Vec<String>>,
    turn: AtomicUsize,
}

impl Proxy {
    pub async fn open() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            nodes: Mutex::default(),
            turn: AtomicUsize::default(),
        });
        let served = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(served.clone().carry(client));
            }
        });
        proxy
    }

    pub fn add(&self, url: &str) {
        let address = url.strip_prefix("http://").unwrap();
        self.nodes.lock().unwrap().push(address.to_owned());
    }

    pub fn remove(&self, url: &str) {
        let address = url.strip_prefix("http://").unwrap();
        self.nodes.lock().unwrap().retain(|node| node != address);
    }

    async fn carry(self: Arc<Self>, mut client: TcpStream) {
        let nodes = self.nodes.lock().unwrap().clone();
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        for index in 0..nodes.len() {
            let node = &nodes[(first + index) % nodes.len()];
            if let Ok(mut server) = TcpStream::connect(node).await {
                // Either side may break off at any time.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                return;
            }
        }
    }
}
