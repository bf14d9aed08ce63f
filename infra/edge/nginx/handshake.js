// Run by nginx itself (njs) during the handshake. What is returned stands in a variable of that connection alone.
import fs from 'fs';

// The name asked for, in lower case: browsers send it so, RFC 6066 (section 3) does not ask them to.
function name(request) {
    return (request.variables.ssl_server_name || '').toLowerCase();
}

// Chain and key of the file that the configuration's guard has named; empty, and so refused, when there is none.
function pem(request) {
    try {
        return fs.readFileSync(`${request.variables.tls_folder}/${request.variables.tls_file}`, 'utf8');
    } catch (error) {
        return '';
    }
}

export default { name, pem };
