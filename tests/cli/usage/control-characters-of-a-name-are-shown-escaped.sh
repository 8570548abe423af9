canon info $'in\x1b[31mred\nline.npy'
canon $'\x1b]0;title\a'
