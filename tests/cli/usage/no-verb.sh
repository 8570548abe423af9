canon
