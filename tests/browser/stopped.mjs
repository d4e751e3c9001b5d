// Addresses of servers that a test has stopped: requests to them may fail.
export const stopped = new Set();
