/* The first script that runs: it opens the socket, whose way to the gateway takes longest. `start.js` uses it. */
import socket from "./wire/socket.js";

socket.start();
