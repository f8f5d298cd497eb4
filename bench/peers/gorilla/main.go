// gorilla/websocket. It does not check the text that it receives.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		return dependency.Version
	}
	return ""
}

func main() {
	url, kind := os.Args[1], os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	check(err)
	size, err := strconv.Atoi(os.Args[4])
	check(err)
	floods, echoes, connects := strings.HasPrefix(kind, "receive"), kind == "echo", kind == "connect"
	path, messageType := "/sink", websocket.BinaryMessage
	if strings.HasSuffix(kind, "-text") {
		messageType = websocket.TextMessage
	}
	if kind == "batch" {
		os.Exit(3)
	} else if floods {
		names := map[int]string{websocket.BinaryMessage: "binary", websocket.TextMessage: "text"}
		path = fmt.Sprintf("/flood/%d/%d/%s", count, size, names[messageType])
	} else if echoes || connects {
		path = fmt.Sprintf("/echo/%d", size)
	}
	dialer := websocket.Dialer{}
	if len(os.Args) > 5 {
		pem, err := os.ReadFile(os.Args[5])
		check(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		dialer.TLSClientConfig = &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(8)}
	}
	message := []byte(strings.Repeat("m", size))
	received, wanted := 0, 0
	var began time.Time
	var cpu float64
	if connects {
		began, cpu = time.Now(), cpuSeconds()
		for i := 0; i < count; i++ {
			ws, _, err := dialer.Dial(url+path, nil)
			check(err)
			goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			check(ws.WriteMessage(websocket.CloseMessage, goodbye))
			_, _, err = ws.ReadMessage()
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				check(err)
			}
			ws.Close()
		}
	} else {
		ws, _, err := dialer.Dial(url+path, nil)
		check(err)
		began, cpu = time.Now(), cpuSeconds()
		for i := 0; i < count; i++ {
			if !floods {
				check(ws.WriteMessage(messageType, message))
			}
			if floods || echoes {
				_, data, err := ws.ReadMessage()
				check(err)
				received += len(data)
			}
		}
		if floods || echoes {
			wanted = count * size
		}
	}
	used, seconds := cpuSeconds()-cpu, time.Since(began).Seconds()
	if received != wanted {
		check(fmt.Errorf("gorilla: %d bytes came", received))
	}
	fmt.Printf("{\"peer\": \"gorilla\", \"version\": %q, \"seconds\": %.9f, \"cpu\": %.9f}\n", version(), seconds, used)
}
